"""What a namespace may have in all and what a pod of it gets, and which pods go before others."""

from collections.abc import Iterator

from seatrial.admission import names
from seatrial.admission.quantities import STANDARD, quantity
from seatrial.admission.refusal import Fields, Path, Refusal, Refusals, listed, one_of, part, unique
from seatrial.manifests.kustomize import Object
from seatrial.manifests.quantity import parsed

SPEC: Path = ("spec",)
COUNTED = (
    *("pods", "services", "secrets", "configmaps", "replicationcontrollers", "resourcequotas"),
    *("persistentvolumeclaims", "services.nodeports", "services.loadbalancers", "requests.storage", "storage"),
    *(f"{kind}.{name}" for kind in ("requests", "limits") for name in STANDARD),
)
LIMITED = ("Pod", "Container", "PersistentVolumeClaim")
BOUNDS = (
    ("min", "max"),
    ("min", "defaultRequest"),
    ("min", "default"),
    ("defaultRequest", "default"),
    ("default", "max"),
    ("defaultRequest", "max"),
)
"""Pairs of bounds of which the first may not be above the second."""
SYSTEM = "system-"
MOST_IMPORTANT = 1_000_000_000


def resource_quota(found: Object) -> Refusals:
    """Refuse a ResourceQuota."""
    here: Path = (*SPEC, "hard")
    for name, amount in part(part(found, "spec"), "hard").items():
        if "/" in name:
            wrong = names.qualified(name)
        elif name in (*STANDARD, *COUNTED) or "hugepages-" in name:
            wrong = None
        else:
            wrong = f"given {name!r}; allowed: pods, requests.cpu, limits.memory, count/RESOURCE and the like"
        if wrong:
            yield Refusal((*here, name), wrong)
        yield from quantity(amount, (*here, name))


def limit_range(found: Object) -> Refusals:
    """Refuse a LimitRange."""
    limits = list(listed(part(found, "spec"), SPEC, "limits"))
    yield from unique(((*here, "type"), limit.get("type")) for here, limit in limits)
    for here, limit in limits:
        if "/" not in str(limit.get("type", "")):
            yield from one_of(limit, here, "type", LIMITED)
        for bound, name, amount in _amounts(limit):
            yield from quantity(amount, (*here, bound, name))
        for low, high in BOUNDS:
            yield from _in_order(limit, here, low, high)
        if limit.get("type") == "Pod":
            for bound in ("default", "defaultRequest"):
                if limit.get(bound):
                    yield Refusal((*here, bound), "type Pod has none")
        if limit.get("type") == "PersistentVolumeClaim" and not any(
            "storage" in part(limit, bound) for bound in ("min", "max")
        ):
            yield Refusal(here, "type PersistentVolumeClaim needs min or max of storage")


def _amounts(limit: Fields) -> Iterator[tuple[str, str, object]]:
    for bound in ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio"):
        for name, amount in part(limit, bound).items():
            yield bound, name, amount


def _in_order(limit: Fields, path: Path, low: str, high: str) -> Refusals:
    for name, amount in part(limit, low).items():
        least, most = parsed(amount), parsed(part(limit, high).get(name))
        if least is not None and most is not None and least > most:
            yield Refusal((*path, low, name), f"{amount} is above `{high}`, {part(limit, high)[name]}")


def priority_class(found: Object) -> Refusals:
    """Refuse a PriorityClass that is not one of Kubernetes' own."""
    if str(found["metadata"].get("name", "")).startswith(SYSTEM):
        own = ("system-cluster-critical", "system-node-critical")
        if found["metadata"]["name"] not in own:
            yield Refusal(("metadata", "name"), f"given {found['metadata']['name']!r}; not allowed: {SYSTEM} before it")
    elif found.get("value", 0) > MOST_IMPORTANT:
        yield Refusal(("value",), f"given {found['value']}; allowed: {MOST_IMPORTANT} at most")
    yield from one_of(found, (), "preemptionPolicy", ("PreemptLowerPriority", "Never"))
