"""Mutations of the proxy's configuration, and of what it must agree with."""

from tests.manifests.mutant import Change, Mutant, inside, of, put, settings


def _replace(old: str, new: str) -> Change:
    """Change the proxy's configuration; a text that is not there is a mistake."""

    def change(mutant: Mutant) -> None:
        data = mutant.get("ConfigMap", "seatrial-proxy")["data"]
        assert old in data["nginx.conf"]
        data["nginx.conf"] = data["nginx.conf"].replace(old, new)

    return change


SERVICE = inside(of("Deployment"), "template", "spec")
PROXY = inside(of("Deployment", "seatrial-proxy"), "template", "spec")

MUTATIONS = {
    "podman": [
        ("units_wait_for_their_pods", put(SERVICE, terminationGracePeriodSeconds=36)),
        ("units_wait_for_their_pods", put(of("Deployment"), progressDeadlineSeconds=301)),
        ("units_wait_for_their_pods", lambda mutant: mutant.get("Deployment")["metadata"].update(name="mast")),
    ],
    "podman-blue-green": [
        ("networks_of_proxies_are_trusted", put(settings, APP_TRUSTED_PROXIES="10.88.0.0/16")),
        ("proxy_closes_idle_connections_first", _replace("keepalive_timeout 60s", "keepalive_timeout 75s")),
        ("proxy_closes_idle_connections_first", put(settings, APP_KEEP_ALIVE_SECONDS="60")),
        ("proxy_outwaits_the_service", _replace("proxy_read_timeout 12s", "proxy_read_timeout 9s")),
        ("proxy_takes_what_the_service_takes", put(settings, APP_MAX_BODY_BYTES="2097152")),
        ("proxy_takes_what_the_service_takes", _replace("client_max_body_size 1m", "client_max_body_size 512k")),
        ("proxy_takes_what_the_service_takes", _replace("header_buffers 4 16k", "header_buffers 4 8k")),
        ("proxy_takes_what_the_service_takes", _replace("client_header_timeout 10s", "client_header_timeout 1m")),
        ("proxy_says_who_asked", _replace("X-Forwarded-For $remote_addr", "X-Forwarded-For $http_x_forwarded_for")),
        ("proxy_says_who_asked", put(settings, APP_TRUSTED_PROXIES="")),
        ("proxy_has_time_to_end", put(PROXY, terminationGracePeriodSeconds=25)),
        ("proxy_has_time_to_end", _replace("worker_shutdown_timeout 25s", "worker_shutdown_timeout 10s")),
        ("proxy_has_time_to_end", _replace("worker_shutdown_timeout 25s;", "")),
        ("proxy_reaches_the_service", _replace("server seatrial-blue:8000", "server seatrial-blue:8080")),
    ],
    "composed": [
        ("proxy_outwaits_the_service", put(inside(of("HTTPRoute"), "rules", 0, "timeouts"), request="9s")),
    ],
}
