"""Where a pod may run: tolerations, spread, affinity."""

from seatrial.admission import names
from seatrial.admission.refusal import (
    Fields,
    Path,
    Refusal,
    Refusals,
    between,
    follows,
    listed,
    one_of,
    part,
    required,
    unique,
)

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
WEIGHTS = (1, 100)
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def placement(spec: Fields, path: Path) -> Refusals:
    """Refuse what a pod's spec says of the nodes that it may run on."""
    yield from names.labels(part(spec, "nodeSelector"), (*path, "nodeSelector"))
    yield from _tolerations(spec, path)
    yield from _spreads(spec, path)
    affinity, here = part(spec, "affinity"), (*path, "affinity")
    yield from _node_affinity(part(affinity, "nodeAffinity"), (*here, "nodeAffinity"))
    for kind in ("podAffinity", "podAntiAffinity"):
        yield from _affinity(part(affinity, kind), (*here, kind))


def _tolerations(spec: Fields, path: Path) -> Refusals:
    for here, toleration in listed(spec, path, "tolerations"):
        operator = toleration.get("operator") or "Equal"
        yield from one_of(toleration, here, "operator", ("Equal", "Exists", "Lt", "Gt"))
        yield from one_of(toleration, here, "effect", EFFECTS)
        yield from follows(toleration, here, "key", names.qualified)
        if not toleration.get("key") and operator != "Exists":
            yield Refusal((*here, "operator"), "without a key it is Exists")
        if operator == "Exists" and toleration.get("value"):
            yield Refusal((*here, "value"), "Exists takes none")
        if toleration.get("tolerationSeconds") is not None and toleration.get("effect") != "NoExecute":
            yield Refusal((*here, "tolerationSeconds"), "it goes with effect NoExecute")


def _spreads(spec: Fields, path: Path) -> Refusals:
    for here, spread in listed(spec, path, "topologySpreadConstraints"):
        yield from required(spread, here, "topologyKey", "whenUnsatisfiable")
        yield from between(spread, here, "maxSkew", 1)
        yield from one_of(spread, here, "whenUnsatisfiable", ("DoNotSchedule", "ScheduleAnyway"))
        yield from names.selector(part(spread, "labelSelector"), (*here, "labelSelector"))
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            yield from one_of(spread, here, name, ("Honor", "Ignore"))
        yield from between(spread, here, "minDomains", 1)
        if spread.get("minDomains") and spread.get("whenUnsatisfiable") != "DoNotSchedule":
            yield Refusal((*here, "minDomains"), "it goes with DoNotSchedule")
    spreads = listed(spec, path, "topologySpreadConstraints")
    yield from unique((here, (each.get("topologyKey"), each.get("whenUnsatisfiable"))) for here, each in spreads)


def _node_affinity(node: Fields, path: Path) -> Refusals:
    needed = node.get(REQUIRED)
    if needed is not None:
        yield from required(needed, (*path, REQUIRED), "nodeSelectorTerms")
    for here, term in listed(needed or {}, (*path, REQUIRED), "nodeSelectorTerms"):
        yield from _expressions(term, here)
    for here, term in listed(node, path, PREFERRED):
        yield from between(term, here, "weight", *WEIGHTS)
        yield from _expressions(part(term, "preference"), (*here, "preference"))


def _affinity(affinity: Fields, path: Path) -> Refusals:
    for here, term in listed(affinity, path, REQUIRED):
        yield from _term(term, here)
    for here, weighted in listed(affinity, path, PREFERRED):
        yield from between(weighted, here, "weight", *WEIGHTS)
        yield from _term(part(weighted, "podAffinityTerm"), (*here, "podAffinityTerm"))


def _term(term: Fields, path: Path) -> Refusals:
    yield from required(term, path, "topologyKey")
    yield from follows(term, path, "topologyKey", names.qualified)
    yield from names.selector(part(term, "labelSelector"), (*path, "labelSelector"))


def _expressions(term: Fields, path: Path) -> Refusals:
    for here, expression in listed(term, path, "matchExpressions"):
        operator, values = expression.get("operator"), expression.get("values") or ()
        yield from follows(expression, here, "key", names.qualified)
        match operator:
            case "In" | "NotIn" if not values:
                yield Refusal((*here, "values"), f"{operator} takes one at least")
            case "Exists" | "DoesNotExist" if values:
                yield Refusal((*here, "values"), f"{operator} takes none")
            case "Gt" | "Lt" if len(values) != 1:
                yield Refusal((*here, "values"), f"{operator} takes one")
            case "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt":
                pass
            case _:
                yield Refusal(
                    (*here, "operator"), f"given {operator!r}; allowed: In, NotIn, Exists, DoesNotExist, Gt, Lt"
                )
