"""NetworkPolicies: which of them restrict pods, and in which direction."""

from collections.abc import Iterable, Mapping

from seatrial.manifests.kustomize import Object
from seatrial.manifests.selector import pod_selector

API = "networking.k8s.io/v1"
"""Others have policies as well (Calico), with selectors of another form."""


def policies_for(objects: Iterable[Object], labels: Mapping[str, str]) -> list[Object]:
    """Return the policies among objects that restrict pods with these labels."""
    return [
        policy
        for policy in objects
        if policy["kind"] == "NetworkPolicy" and policy["apiVersion"] == API and pod_selector(policy).selects(labels)
    ]


def directions(policy: Object) -> set[str]:
    """Return what a policy restricts: Ingress, Egress or both; where it does not say, Egress only if it has rules."""
    spec = policy.get("spec") or {}
    return set(spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])])


def isolating(objects: Iterable[Object], labels: Mapping[str, str], direction: str) -> bool:
    """Tell whether a policy restricts what pods with these labels receive ("Ingress") or send ("Egress")."""
    return any(direction in directions(policy) for policy in policies_for(objects, labels))
