"""How many pods there are to be: autoscalers, and budgets for those that may be missed."""

from seatrial.admission import names
from seatrial.admission.refusal import Fields, Path, Refusal, Refusals, between, listed, one_of, part, required
from seatrial.admission.workloads import count
from seatrial.manifests.kustomize import Object

SPEC: Path = ("spec",)
METRICS = ("resource", "containerResource", "pods", "object", "external")
TARGETS = {"Utilization": "averageUtilization", "AverageValue": "averageValue", "Value": "value"}
PERIOD_SECONDS, WINDOW_SECONDS = (1, 1800), (0, 3600)


def autoscaler(found: Object) -> Refusals:
    """Refuse a HorizontalPodAutoscaler."""
    spec = found["spec"]
    yield from required(part(spec, "scaleTargetRef"), (*SPEC, "scaleTargetRef"), "kind", "name")
    yield from between(spec, SPEC, "maxReplicas", 1)
    yield from between(spec, SPEC, "minReplicas", 0)
    kinds = {metric.get("type") for metric in spec.get("metrics") or ()}
    if spec.get("minReplicas") == 0 and not kinds & {"Object", "External"}:
        yield Refusal((*SPEC, "minReplicas"), "0 takes a metric of type Object or External: no pod is left to measure")
    least, most = spec.get("minReplicas") or 1, spec.get("maxReplicas")
    if isinstance(most, int) and most < least:
        yield Refusal((*SPEC, "maxReplicas"), f"given {most}; allowed: minReplicas ({least}) or more")
    yield from between(spec, SPEC, "targetCPUUtilizationPercentage", 1)
    for here, metric in listed(spec, SPEC, "metrics"):
        yield from _metric(metric, here)
    for way in ("scaleUp", "scaleDown"):
        rules, here = part(part(spec, "behavior"), way), (*SPEC, "behavior", way)
        yield from between(rules, here, "stabilizationWindowSeconds", *WINDOW_SECONDS)
        yield from one_of(rules, here, "selectPolicy", ("Max", "Min", "Disabled"))
        for at, policy in listed(rules, here, "policies"):
            yield from one_of(policy, at, "type", ("Pods", "Percent"))
            yield from between(policy, at, "value", 1)
            yield from between(policy, at, "periodSeconds", *PERIOD_SECONDS)


def _metric(metric: Fields, path: Path) -> Refusals:
    kind = str(metric.get("type", ""))
    if kind[:1].lower() + kind[1:] not in METRICS:
        allowed = ", ".join(name[0].upper() + name[1:] for name in METRICS)
        yield Refusal((*path, "type"), f"given {kind!r}; allowed: {allowed}")
        return
    name = kind[0].lower() + kind[1:]
    for other in METRICS:
        if (metric.get(other) is not None) != (other == name):
            yield Refusal((*path, other), f"type {kind} {'needs it' if other == name else 'has none'}")
    if (source := metric.get(name)) is None or "target" not in source:  # an older version of the API
        return
    target, here = part(source, "target"), (*path, name, "target")
    yield from one_of(target, here, "type", TARGETS)
    needed = TARGETS.get(str(target.get("type")))
    if needed and target.get(needed) is None:
        yield Refusal((*here, needed), f"type {target['type']} needs it")
    yield from between(target, here, "averageUtilization", 1)


def disruption_budget(found: Object) -> Refusals:
    """Refuse a PodDisruptionBudget."""
    spec = found["spec"]
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        yield Refusal((*SPEC, "maxUnavailable"), "it has `minAvailable` besides; allowed: one of both")
    for name in ("minAvailable", "maxUnavailable"):
        yield from count(spec, SPEC, name)
    yield from one_of(spec, SPEC, "unhealthyPodEvictionPolicy", ("IfHealthyBudget", "AlwaysAllow"))
    yield from names.selector(part(spec, "selector"), (*SPEC, "selector"))
