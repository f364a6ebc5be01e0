"""Mutations of what the service's own settings and routes must agree with."""

from tests.manifests.mutant import (
    add,
    add_object,
    both,
    container,
    database,
    drop,
    inside,
    pod,
    pooler,
    put,
    put_item,
    replace,
    settings,
)

READINESS = inside(container, "readinessProbe")
LIVENESS = inside(container, "livenessProbe")
POOLED = "pgbouncer.ini"
LIVE = {"path": "/health/live", "port": "http"}


SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "x", "namespace": "seatrial"},
    "stringData": {"key": "hunter2"},
}
UNKNOWN = {
    "apiVersion": "example.com/v1",
    "kind": "Unknown",
    "metadata": {"name": "x", "namespace": "seatrial"},
    "spec": {},
}


def _wait(seconds: int) -> dict[str, dict[str, dict[str, int]]]:
    return {"preStop": {"sleep": {"seconds": seconds}}}


MUTATIONS = {
    "production": [
        ("probe_paths_exist", put(inside(LIVENESS, "httpGet"), path="/healthz")),
        ("readiness_alone_asks_dependencies", put(inside(LIVENESS, "httpGet"), path="/health/ready")),
        ("readiness_alone_asks_dependencies", put(inside(READINESS, "httpGet"), path="/health/startup")),
        ("readiness_answers_within_the_probes_timeout", put(settings, APP_READINESS_TIMEOUT_SECONDS="2")),
        ("lame_duck_outlasts_readiness", put(READINESS, failureThreshold=5)),
        ("lame_duck_outlasts_readiness", put(settings, APP_LAME_DUCK_SECONDS="8")),
        # Left to its default, the lame duck counts as well.
        (
            "lame_duck_outlasts_readiness",
            both(drop(settings, "APP_LAME_DUCK_SECONDS"), put(READINESS, failureThreshold=9)),
        ),
        ("hung_worker_is_replaced_before_the_pod", put(settings, APP_WORKER_TIMEOUT_SECONDS="30")),
        ("hung_worker_is_replaced_before_the_pod", put(LIVENESS, failureThreshold=2)),
        ("custom_resources_are_known", add_object(UNKNOWN)),
        ("images_that_are_there_are_used", put(container, imagePullPolicy="Always")),
        ("secrets_are_not_rendered", add_object(SECRET)),
        ("temporary_files_have_a_volume", put(inside(container, "volumeMounts", -1), mountPath="/cache")),
        ("users_are_not_the_hosts", put(inside(pod, "securityContext"), runAsUser=1000)),
        ("ports_need_no_privilege", add(container, "ports", {"name": "web", "containerPort": 80})),
        ("settings_are_known", put(settings, APP_LAMEDUCK_SECONDS="10")),
        ("settings_are_valid", put(settings, APP_LOG_FORMAT="xml")),
        ("settings_are_valid", put(settings, APP_REQUEST_TIMEOUT_SECONDS="10")),
        ("settings_are_valid", drop(inside(pod, "volumes", 0, "secret"), "items")),
        ("settings_are_given_once", put(settings, APP_DATABASE_URL="sqlite+aiosqlite:////tmp/seatrial.db")),
        ("replicas_are_accounted_for", put(settings, APP_REPLICAS="2")),
        ("startup_budget_holds_the_worst_start", put(inside(container, "startupProbe"), failureThreshold=1)),
        ("startup_budget_holds_the_worst_start", drop(container, "startupProbe")),
        ("memory_holds_the_workers", put(inside(container, "resources", "limits"), memory="128Mi")),
        ("workers_follow_the_cpu_limit", put(settings, WEB_CONCURRENCY="2")),
        ("requests_at_work_have_connections", put(settings, APP_MAX_CONCURRENT_REQUESTS="11")),
        ("request_timeout_holds_the_database", put(settings, APP_DATABASE_POOL_TIMEOUT_SECONDS="2")),
        ("termination_budget", put(pod, terminationGracePeriodSeconds=30)),
        ("termination_budget", put(settings, APP_DRAIN_SECONDS="20")),
        ("termination_budget", put(container, lifecycle=_wait(5))),
    ],
    "podman": [
        ("workers_follow_the_cpu_limit", drop(inside(container, "resources", "limits"), "cpu")),
        ("podman_probes_need_no_curl", both(drop(LIVENESS, "exec"), put(LIVENESS, httpGet=LIVE))),
    ],
    "podman-postgres": [
        ("connection_budget", put(settings, APP_DATABASE_POOL_SIZE="40")),
        ("connection_budget", put_item(inside(database, "args"), 1, "max_connections=35")),
    ],
    "podman-postgres-pooled": [
        ("pooler_budget", put(settings, APP_DATABASE_POOL_SIZE="100")),
        ("pooler_budget", replace(pooler, POOLED, "max_client_conn = 100", "max_client_conn = 20")),
        ("connection_budget", replace(pooler, POOLED, "default_pool_size = 20", "default_pool_size = 40")),
        ("connection_budget", put_item(inside(database, "args"), 1, "max_connections=40")),
        ("connection_budget", put(settings, APP_DATABASE_POOLER="none", APP_DATABASE_POOL_SIZE="50")),
    ],
}
