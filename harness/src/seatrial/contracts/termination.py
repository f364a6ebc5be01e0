"""The time a pod has to end, as far as the YAML alone tells."""

import re
import shlex
from collections.abc import Iterator

from seatrial.contracts.arithmetic import Term, at_most, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.manifests.workload import Container

MARGIN = term("margin", 5, "a busy node is late with everything")
PROPAGATION = term("propagation", 1, "kube-proxy's minSyncPeriod")
SLEEP = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)([smhd]?)\b")
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def pre_stop(container: Container) -> Term:
    """Return the time that a container's preStop hook takes before SIGTERM, as far as it can be read; 0 without one."""
    match container.raw.get("lifecycle", {}).get("preStop"):
        case {"sleep": {"seconds": seconds}}:
            return term("preStop", float(seconds), "sleep")
        case {"exec": {"command": [*command]}}:
            slept = [float(number) * UNITS[unit] for number, unit in SLEEP.findall(" ".join(command))]
            source = f"exec {shlex.join(command)}" + ("" if slept else ", at least")
            return term("preStop", sum(slept), source)
        case {"httpGet": {} as asked}:
            return term("preStop", 0, f"httpGet {asked.get('path', '/')}, at least")
    return term("preStop", 0)


@contract
def pre_stop_fits_the_grace_period(overlay: Overlay) -> Iterator[Check]:
    """A preStop hook's sleep, which the grace period includes, leaves the process time to end."""
    for workload in overlay.workloads():
        for container in workload.serving():
            if "preStop" in container.raw.get("lifecycle", {}):
                grace = term("terminationGracePeriodSeconds", workload.grace_period_seconds)
                yield at_most(container.where.at("lifecycle", "preStop"), pre_stop(container) + MARGIN, grace)
