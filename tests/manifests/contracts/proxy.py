"""A proxy in front: its limits agree with the service's, so that it is known who answers and who closes."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from seatrial.contracts.arithmetic import Term, at_most, below, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.contracts.termination import MARGIN
from seatrial.manifests.place import Place, whole
from seatrial.manifests.workload import Workload
from tests.manifests.contracts.service import services
from tests.manifests.nginx import Directive, directives, seconds, size

DEFAULTS = {
    "client_header_timeout": "60s",
    "client_max_body_size": "1m",
    "keepalive_timeout": "60s",
    "large_client_header_buffers": "8k",
    "proxy_read_timeout": "60s",
}
"""What nginx does where the configuration says nothing; of buffers and the like the size of one."""
CONFIGURATION = "nginx.conf"
FORWARDED = {"X-Forwarded-For": "$remote_addr", "X-Forwarded-Proto": "$scheme"}


class Proxy(NamedTuple):
    """An nginx in an overlay: what runs it, and its configuration."""

    workload: Workload
    source: str
    configuration: tuple[Directive, ...]

    @property
    def where(self) -> Place:
        """Return what a message calls it."""
        return self.workload.where.part(self.source)

    def all(self, name: str, block: str = "") -> list[Directive]:
        """Return the directives of a name, in a block that begins with `block`."""
        return [
            each for each in self.configuration if each.name == name and (each.block or ("",))[-1].startswith(block)
        ]

    def term(self, name: str, read: Callable[[str], float], block: str = "http") -> Term:
        """Return the number that a directive ends in, or nginx's default."""
        found = self.all(name, block)
        given = found[0].arguments[-1] if found else DEFAULTS[name]
        return term(name, read(given), f"{given} in {self.source}" if found else f"{given}, nginx's default")


def _proxies(overlay: Overlay) -> Iterator[Proxy]:
    maps = {found["metadata"]["name"]: found.get("data", {}) for found in overlay.of_kind("ConfigMap")}
    for workload in overlay.workloads():
        for volume in workload.volumes().values():
            files = maps.get(volume.get("configMap", {}).get("name"), {})
            if CONFIGURATION in files:
                yield Proxy(workload, CONFIGURATION, tuple(directives(files)))


@contract
def proxy_closes_idle_connections_first(overlay: Overlay) -> Iterator[Check]:
    """The proxy closes idle connections before the service does: else it sends on one that is just being closed."""
    for proxy in _proxies(overlay):
        for upstream in proxy.all("keepalive", "upstream"):
            idle = proxy.term("keepalive_timeout", seconds, upstream.block[-1])
            for service in services(overlay):
                yield below(proxy.where.part(upstream.block[-1]), idle, service.term("keep_alive_seconds"))


@contract
def proxy_outwaits_the_service(overlay: Overlay) -> Iterator[Check]:
    """Whoever passes requests on waits longer than the service may take: its own answer says more than a 504."""
    for service in services(overlay):
        limit = service.term("request_timeout_seconds")
        for proxy in _proxies(overlay):
            yield below(proxy.where, limit, proxy.term("proxy_read_timeout", seconds))
        for route in overlay.of_kind("HTTPRoute"):
            for rule in route.get("spec", {}).get("rules", ()):
                if given := rule.get("timeouts", {}).get("request"):
                    waits = term("timeouts.request", seconds(given), given)
                    yield below(whole(route), limit, waits)


@contract
def proxy_takes_what_the_service_takes(overlay: Overlay) -> Iterator[Check]:
    """The proxy's limits for bodies, heads and slow clients are the service's."""
    for proxy in _proxies(overlay):
        for service in services(overlay):
            for own, name, read in (
                ("max_body_bytes", "client_max_body_size", size),
                ("max_header_bytes", "large_client_header_buffers", size),
                ("header_timeout_seconds", "client_header_timeout", seconds),
            ):
                theirs, ours = proxy.term(name, read), service.term(own)
                holds = theirs.value == ours.value
                yield Check(proxy.where, holds, f"{theirs} {'=' if holds else 'is not'} {ours}")


@contract
def proxy_says_who_asked(overlay: Overlay) -> Iterator[Check]:
    """The proxy replaces what clients say of themselves, and the service believes the proxy."""
    for proxy in _proxies(overlay):
        sent = {each.arguments[0]: each.arguments[1] for each in proxy.all("proxy_set_header", "http")}
        for name, wanted in FORWARDED.items():
            yield Check(proxy.where, sent.get(name) == wanted, f"{name} is {sent.get(name, 'what the client sent')}")
        for service in services(overlay):
            believed = ", ".join(service.settings.trusted_proxies)
            yield Check(service.container.where, bool(believed), f"APP_TRUSTED_PROXIES {believed or 'are none'}")


@contract
def proxy_has_time_to_end(overlay: Overlay) -> Iterator[Check]:
    """The proxy waits for its longest request when it is told to end, and that fits its grace period."""
    for proxy in _proxies(overlay):
        endings = proxy.all("worker_shutdown_timeout")
        if not endings:
            yield Check(proxy.where, holds=False, text="without worker_shutdown_timeout it waits until it is killed")
        for ending in endings:
            limit = term("worker_shutdown_timeout", seconds(ending.arguments[0]), proxy.source)
            grace = term("terminationGracePeriodSeconds", proxy.workload.grace_period_seconds)
            yield at_most(proxy.where, proxy.term("proxy_read_timeout", seconds), limit)
            yield at_most(proxy.where, limit + MARGIN, grace)


@contract
def proxy_reaches_the_service(overlay: Overlay) -> Iterator[Check]:
    """The proxy's upstream servers are Services, by name, and ports that their pods have: podman has no others."""
    there = {
        f"{name}:{port['containerPort']}"
        for name in (found["metadata"]["name"] for found in overlay.of_kind("Service"))
        for container in overlay.containers()
        if container.name == name
        for port in container.ports
    }
    for proxy in _proxies(overlay):
        for server in proxy.all("server", "upstream"):
            name = server.arguments[0]
            yield Check(
                proxy.where, name in there, f"{name} is {'' if name in there else 'not '}of {', '.join(sorted(there))}"
            )
