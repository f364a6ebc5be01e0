"""The systemd units that run the overlays for podman on a server, Quadlet's `quadlet/*.kube`: their limits fit."""

import ipaddress
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seatrial.contracts.arithmetic import at_most, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.manifests.workload import Workload
from tests.manifests.contracts.service import services
from tests.manifests.overlay import CHECKOUT

PODMAN = term("podman", 10, "to take the pod down")
PROGRESS_DEADLINE_SECONDS = 600  # Kubernetes's default


class Unit(NamedTuple):
    """A unit's file: its name, and its sections."""

    name: str
    sections: ConfigParser

    def seconds(self, field: str) -> float:
        """Return one of the service's limits."""
        return float(self.sections["Service"][field])


@cache
def _units(suffix: str) -> tuple[Unit, ...]:
    return tuple(_read(path) for path in sorted((CHECKOUT / "quadlet").glob(f"*.{suffix}")))


def _read(path: Path) -> Unit:
    sections = ConfigParser(interpolation=None, strict=False)
    sections.read_string(path.read_text())
    return Unit(f"quadlet/{path.name}", sections)


def _unit_of(workload: Workload) -> Unit | None:
    """Return the unit that stops the containers of a workload's pod, as podman names them."""
    for unit in _units("kube"):
        stopped = unit.sections["Service"]["ExecStop"].split()[-1]
        if any(stopped == f"{workload.name}-pod-{container.name}" for container in workload.serving()):
            return unit
    return None


@contract
def units_wait_for_their_pods(overlay: Overlay) -> Iterator[Check]:
    """A workload for podman has a unit, which gives it all of its grace period, and of its time to start."""
    for workload in overlay.workloads() if overlay.runtime == "podman" else ():
        if (unit := _unit_of(workload)) is None:
            yield Check(workload.where, holds=False, text="no unit in quadlet/ stops its containers")
            continue
        grace = term("terminationGracePeriodSeconds", workload.grace_period_seconds)
        deadline = workload.source["spec"].get("progressDeadlineSeconds", PROGRESS_DEADLINE_SECONDS)
        stop, start = (term(field, unit.seconds(field), unit.name) for field in ("TimeoutStopSec", "TimeoutStartSec"))
        yield at_most(workload.where, grace + PODMAN, stop)
        yield at_most(workload.where, term("progressDeadlineSeconds", deadline), start)


@contract
def networks_of_proxies_are_trusted(overlay: Overlay) -> Iterator[Check]:
    """Where a service believes a proxy, it is in the units' network, of which the proxy has its address."""
    for service in services(overlay):
        trusted = [ipaddress.ip_network(each) for each in service.settings.trusted_proxies]
        for unit in _units("network") if trusted else ():
            subnet = ipaddress.ip_network(unit.sections["Network"]["Subnet"])
            holds = any(subnet.version == each.version and subnet.subnet_of(each) for each in trusted)  # type: ignore[arg-type]
            text = f"Subnet {subnet} ({unit.name}), APP_TRUSTED_PROXIES {', '.join(map(str, trusted))}"
            yield Check(service.container.where, holds, text)
