"""NetworkPolicies that let the client through where the overlay's own restrict."""

from collections.abc import Sequence

from seatrial.cluster import client
from seatrial.cluster.workload import Workload
from seatrial.manifests.kustomize import Object
from seatrial.manifests.network_policy import isolating


def policies(workload: Workload, objects: Sequence[Object], namespace: str) -> list[Object]:
    """Return what lets the client through to a workload: policies add up, and it is the client's alone."""
    made: list[Object] = []
    if isolating(objects, workload.labels, "Ingress"):
        spec = {
            "podSelector": workload.selector,
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {"matchLabels": client.LABELS}}]}],
        }
        made.append(client.network_policy("seatrial-client-ingress", namespace, spec))
    if isolating(objects, client.LABELS, "Egress"):
        spec = {"podSelector": {"matchLabels": client.LABELS}, "policyTypes": ["Egress"], "egress": [{}]}
        made.append(client.network_policy("seatrial-client-egress", namespace, spec))
    return made
