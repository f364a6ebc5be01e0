"""The probes: there, apart from each other, quick enough, and asking for ports that exist."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.contracts.arithmetic import Term, at_most, below, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay, Variable
from seatrial.manifests.probe import PROBES, DeclaredProbe
from seatrial.manifests.selector import pod_selector
from seatrial.manifests.workload import Container

HOST = r"((-h|--host)[= \",]+|//([^/@]*@)?){0}(?![\w-])|(?<![\w.-]){0}(?![\w-])[\w.-]*[: \",]+\d+\b"
"""A host's name in a command or a URL: behind an option, or in front of a port."""
REFERENCE = re.compile(r"\$[({]?(\w+)[)}]?")
DEFAULTS: dict[str, dict[str, Any]] = {"httpGet": {"path": "/", "scheme": "HTTP"}, "grpc": {"service": ""}}


def patience(probe: DeclaredProbe) -> Term:
    """Return how long a probe takes to notice that every attempt fails, the last attempt's timeout apart."""
    threshold = term(f"{probe.name} failureThreshold", probe.seconds("failureThreshold"))
    return threshold * term("periodSeconds", probe.seconds("periodSeconds"))


@contract
def serving_containers_are_probed(overlay: Overlay) -> Iterator[Check]:
    """A container that listens has a readiness probe, to be left out when it cannot serve, and a liveness probe."""
    for workload in overlay.workloads():
        for container in workload.serving():
            if container.ports:
                missing = {"readiness", "liveness"} - container.probes.keys()
                text = f"no {' and no '.join(sorted(missing))} probe" if missing else ", ".join(container.probes)
                yield Check(container.where, not missing, f"{len(container.ports)} ports, probes: {text}")


@contract
def probe_timeout_within_period(overlay: Overlay) -> Iterator[Check]:
    """A probe's timeout is not longer than its period, else slow attempts make it later than its numbers say."""
    for container in overlay.containers():
        for name, probe in container.probes.items():
            timeout, period = (term(field, probe.seconds(field)) for field in ("timeoutSeconds", "periodSeconds"))
            yield at_most(container.probe_at(name).at("timeoutSeconds"), timeout, period)


@contract
def probe_ports_exist(overlay: Overlay) -> Iterator[Check]:
    """A probe that asks for a port by its name names one that its container has."""
    for container in overlay.containers():
        listed = ", ".join(f"{port.get('name', '')} {port['containerPort']}".strip() for port in container.ports)
        for name, probe in container.probes.items():
            if isinstance(probe.port, str) and not probe.port.isdigit():
                holds = container.port_number(probe.port) is not None
                yield Check(container.probe_at(name), holds, f"port {probe.port} out of {listed or 'no ports'}")


@contract
def liveness_is_more_patient_than_readiness(overlay: Overlay) -> Iterator[Check]:
    """Where liveness asks what readiness asks, it is slower to judge: out of service first, restarted only then."""
    for container in overlay.containers():
        readiness, liveness = (container.probes.get(name) for name in ("readiness", "liveness"))
        if readiness and liveness and _asked(container, readiness) == _asked(container, liveness):
            yield below(container.where.at(PROBES["liveness"]), patience(readiness), patience(liveness))


def _asked(container: Container, probe: DeclaredProbe) -> dict[str, Any]:
    """Return what a probe asks, in one way of writing it."""
    port = {} if probe.port is None else {"port": container.port_number(probe.port) or probe.port}
    return {how: DEFAULTS.get(how, {}) | asked | port for how, asked in probe.handler.items()}


@contract
def liveness_asks_no_dependency(overlay: Overlay) -> Iterator[Check]:
    """Liveness names no Service but its own pods': an outage of another must not restart these."""
    selectors = {service["metadata"]["name"]: pod_selector(service) for service in overlay.of_kind("Service")}
    for container in overlay.containers():
        if probe := container.probes.get("liveness"):
            others = [name for name, selector in selectors.items() if not selector.selects(container.workload.labels)]
            words = _with_values(json.dumps(probe.handler), overlay.environment(container))
            named = [name for name in others if name in words and re.search(HOST.format(re.escape(name)), words)]
            text = f"names {', '.join(sorted(named)) or f'none of the other Services ({len(others)})'}"
            yield Check(container.where.at(PROBES["liveness"]), not named, text)


def _with_values(words: str, variables: Mapping[str, Variable]) -> str:
    """Return a command with the values that its variables have, as far as the manifests tell."""
    values = {name: each.value for name, each in variables.items() if each.value is not None}
    return REFERENCE.sub(lambda found: values.get(found[1], found[0]), words)
