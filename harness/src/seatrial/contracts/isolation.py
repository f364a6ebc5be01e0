"""What pods may call and be called by: on a cluster nothing that no policy names."""

from collections.abc import Iterator
from typing import Any

from seatrial.contracts.contract import Check, contract, contract_for
from seatrial.contracts.overlay import Overlay, together
from seatrial.manifests.kustomize import Object
from seatrial.manifests.network_policy import directions, policies_for
from seatrial.manifests.workload import Workload

DNS = 53
BEHIND = 5353
"""Where OpenShift's DNS listens, to whose pods a policy leads."""


def _policies(overlay: Overlay, workload: Workload) -> list[Object]:
    policies = policies_for(overlay.of_kind("NetworkPolicy"), workload.labels)
    return [policy for policy in policies if together(policy, workload.source)]


@contract_for("cluster")
def pods_are_isolated(overlay: Overlay) -> Iterator[Check]:
    """On a cluster every pod has a NetworkPolicy for what comes in and for what goes out."""
    for workload in overlay.workloads():
        policies = _policies(overlay, workload)
        missing = {"Ingress", "Egress"}.difference(*map(directions, policies))
        names = ", ".join(policy["metadata"]["name"] for policy in policies) or "none"
        text = f"policies: {names}" + (f"; none for {' and '.join(sorted(missing))}" if missing else "")
        yield Check(workload.where, not missing, text)


@contract
def names_can_be_resolved(overlay: Overlay) -> Iterator[Check]:
    """Where pods may call only what their policies name, these name DNS, by UDP and TCP."""
    for workload in overlay.workloads():
        policies = [policy for policy in _policies(overlay, workload) if "Egress" in directions(policy)]
        rules = [rule for policy in policies for rule in policy["spec"].get("egress", ())]
        peers: list[dict[str, Any]] = [peer for rule in rules for peer in rule.get("to") or [{}]]
        if all("ipBlock" in peer for peer in peers):  # nothing is open, or addresses alone
            continue
        open_ = set[str]().union(*map(_open_for_dns, rules))
        missing = {"UDP", "TCP"} - open_
        yield Check(
            workload.where, not missing, f"port {DNS}: open by {', '.join(sorted(open_)) or 'neither UDP nor TCP'}"
        )


def _open_for_dns(rule: dict[str, Any]) -> set[str]:
    """Return the protocols by which a rule lets DNS be asked; all ports of somebody who cannot be DNS are none."""
    peers: list[dict[str, Any]] = rule.get("to") or [{"namespaceSelector": {}}]
    elsewhere = any("namespaceSelector" in peer for peer in peers)
    if not rule.get("ports"):
        wide = any("ipBlock" in peer and not peer["ipBlock"]["cidr"].endswith(("/32", "/128")) for peer in peers)
        return {"UDP", "TCP"} if elsewhere or wide else set()
    return {port.get("protocol", "TCP") for port in rule["ports"] if _is_dns(port, elsewhere=elsewhere)}


def _is_dns(port: dict[str, int | str], *, elsewhere: bool) -> bool:
    first = port.get("port", DNS)
    if isinstance(first, str):
        return elsewhere and "dns" in first
    return first <= DNS <= int(port.get("endPort", first)) or (elsewhere and first == BEHIND)
