"""The probes: all there, apart from each other, and pointing at what the service has."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from app.lifecycle import Lifecycle
from app.main import create_app
from app.settings import Settings, variable
from tests.harness.manifests import Container, Exec, HttpGet, Probe
from tests.manifests.overlay import Overlay, is_ours


def _probes(container: Container) -> dict[str, Probe]:
    found = {"startup": container.startup, "readiness": container.readiness, "liveness": container.liveness}
    return {name: probe for name, probe in found.items() if probe}


def _target(probe: Probe) -> tuple[str, int] | None:
    """Return the path and port that a probe asks, also where an exec probe asks them inside the container."""
    if isinstance(probe.handler, HttpGet):
        return probe.handler.path, probe.handler.port
    if isinstance(probe.handler, Exec) and probe.handler.command[:-1] == ("python", "-m", "app.probe"):
        url = urlsplit(probe.handler.command[-1])
        return url.path, url.port or 80
    return None


def serving_containers_have_all_probes(overlay: Overlay) -> Iterator[str]:
    """A container with a port has all three probes."""
    for workload in overlay.workloads():
        for container in workload.template.containers:
            for missing in {"startup", "readiness", "liveness"} - _probes(container).keys():
                if container.ports:
                    yield f"{workload.name}: container {container.name} has no {missing} probe"


def probe_timeout_within_period(overlay: Overlay) -> Iterator[str]:
    """A probe's timeout is not longer than its period: attempts do not overtake each other."""
    for workload in overlay.workloads():
        for container in workload.template.containers:
            for name, probe in _probes(container).items():
                if probe.timeout_seconds > probe.period_seconds:
                    yield (
                        f"{workload.name}: {name} probe: timeoutSeconds {probe.timeout_seconds:g} "
                        f"> periodSeconds {probe.period_seconds:g}"
                    )


def readiness_answers_within_the_probes_timeout(overlay: Overlay) -> Iterator[str]:
    """The service gives up on a dependency before the probe gives up on the service, and so can say which it was."""
    name = "readiness_timeout_seconds"
    for workload in overlay.workloads():
        for container, raw in zip(workload.template.containers, workload.spec["containers"], strict=True):
            own = float(overlay.environment(raw).get(variable(name), Settings.model_fields[name].default))
            if is_ours(container.image) and container.readiness and own >= container.readiness.timeout_seconds:
                timeout = container.readiness.timeout_seconds
                yield f"{workload.name}: {variable(name)} {own:g} >= timeoutSeconds {timeout:g}"


def probe_paths_exist(overlay: Overlay) -> Iterator[str]:
    """A probe of the service asks a path and a port that the service has."""
    app = create_app(Settings(database_url="sqlite+aiosqlite://"), Lifecycle())
    paths = {str(app.url_path_for(name)) for name in ("live", "ready", "startup")}
    for workload in overlay.workloads():
        for container in filter(lambda each: is_ours(each.image), workload.template.containers):
            ports = {port.container_port for port in container.ports}
            for name, probe in _probes(container).items():
                path, port = _target(probe) or (None, None)
                if path not in paths or port not in ports:
                    yield (
                        f"{workload.name}: {name} probe asks {path} on port {port}; "
                        f"the service has {', '.join(sorted(paths))} on {', '.join(map(str, ports))}"
                    )


def liveness_differs_from_readiness(overlay: Overlay) -> Iterator[str]:
    """Liveness does not ask what readiness asks: else an outage of a dependency restarts every pod."""
    for workload in overlay.workloads():
        for container in workload.template.containers:
            if container.liveness and container.readiness:
                asked = _target(container.liveness) or container.liveness.handler
                if asked == (_target(container.readiness) or container.readiness.handler):
                    yield f"{workload.name}: liveness and readiness both ask {asked}"
