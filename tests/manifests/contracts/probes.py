"""The service's probes: they ask for what the service has, and what they ask for it can answer in time."""

from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from app.lifecycle import Lifecycle
from app.main import create_app
from seatrial.contracts.arithmetic import below, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.manifests.probe import DeclaredProbe
from seatrial.manifests.workload import Container
from tests.manifests.contracts.service import PLACEHOLDER_URL, services
from tests.settings import settings_of

COMMAND = ["python", "-m", "app.probe"]
ROUTES = {"startup": "startup", "readiness": "ready", "liveness": "live"}
"""The route that each probe asks for."""


def asked(container: Container, probe: DeclaredProbe) -> tuple[str | None, int | None]:
    """Return the path and port that a probe asks for, also where a command asks for them inside the container."""
    match probe.handler:
        case {"httpGet": {"port": port} as request}:
            return request.get("path", "/"), container.port_number(port)
        case {"exec": {"command": [*command, url]}} if command == COMMAND:
            return urlsplit(url).path, urlsplit(url).port or 80
    return None, None


@cache
def _paths() -> dict[str, str]:
    """Return the path of each probe's route."""
    app = create_app(settings_of(database_url=PLACEHOLDER_URL), Lifecycle())
    return {name: str(app.url_path_for(route)) for name, route in ROUTES.items()}


@contract
def probe_paths_exist(overlay: Overlay) -> Iterator[Check]:
    """A probe of the service asks for a path that it has, on the port that it listens on."""
    for service in services(overlay):
        listens = service.term("port")
        for name, probe in service.container.probes.items():
            path, port = asked(service.container, probe)
            holds = path in _paths().values() and port in (None, listens.value)
            text = f"asks for {path} on port {port}; there are {', '.join(_paths().values())} on {listens}"
            yield Check(service.container.probe_at(name), holds, text)


@contract
def readiness_alone_asks_dependencies(overlay: Overlay) -> Iterator[Check]:
    """Readiness asks dependencies, startup and liveness never do: an outage must not restart every pod."""
    for service in services(overlay):
        for name, probe in service.container.probes.items():
            path, _ = asked(service.container, probe)
            if path in _paths().values():
                holds = (path == _paths()["readiness"]) == (name == "readiness")
                where = service.container.probe_at(name)
                yield Check(where, holds, f"asks for {path}; {_paths()['readiness']} asks the database")


@contract
def readiness_answers_within_the_probes_timeout(overlay: Overlay) -> Iterator[Check]:
    """The service gives up on a dependency before the probe gives up on the service, and so can say which it was."""
    for service in services(overlay):
        if probe := service.container.probes.get("readiness"):
            timeout = term("timeoutSeconds", probe.seconds("timeoutSeconds"))
            yield below(service.container.where, service.term("readiness_timeout_seconds"), timeout)
