"""Label selectors, with Kubernetes' semantics: what selects pods, and whether labels are selected."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
PLAIN = ("Service", "ReplicationController")
"""Kinds whose selector is a map of labels, without expressions."""


@dataclass(frozen=True)
class Requirement:
    """What one label must be; `values` are those that In and NotIn name."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    @classmethod
    def parse(cls, expression: Mapping[str, Any]) -> Self:
        """Return one of `matchExpressions`; ManifestError for an operator that there is not."""
        key, operator = str(expression["key"]), expression["operator"]
        if operator not in OPERATORS:
            allowed = ", ".join(OPERATORS)
            raise ManifestError(f"the selector of label {key}: operator {operator!r} must be one of {allowed}")
        return cls(key, operator, tuple(expression.get("values") or ()))

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels are so; a label that is not there is not in any values, and so NotIn holds."""
        match self.operator:
            case "In":
                return self.key in labels and labels[self.key] in self.values
            case "NotIn":
                return self.key not in labels or labels[self.key] not in self.values
            case "Exists":
                return self.key in labels
            case _:
                return self.key not in labels

    def __str__(self) -> str:
        """Return it as kubectl writes it."""
        match self.operator:
            case "In" if len(self.values) == 1:
                return f"{self.key}={self.values[0]}"
            case "In" | "NotIn":
                return f"{self.key} {self.operator.lower()} ({','.join(self.values)})"
            case "Exists":
                return self.key
            case _:
                return f"!{self.key}"


@dataclass(frozen=True)
class LabelSelector:
    """Requirements that must all hold: an empty selector selects everything, one that is not there (None) nothing."""

    requirements: tuple[Requirement, ...] | None

    @classmethod
    def parse(cls, given: Mapping[str, Any] | None) -> Self:
        """Return a selector of `matchLabels` and `matchExpressions`."""
        if given is None:
            return cls(None)
        labels = (given.get("matchLabels") or {}).items()
        return cls(
            (
                *(Requirement(key, "In", (value,)) for key, value in labels),
                *map(Requirement.parse, given.get("matchExpressions") or ()),
            )
        )

    @classmethod
    def of_map(cls, labels: Mapping[str, str] | None) -> Self:
        """Return the selector that a Service has: labels alone, and without any it selects nothing."""
        return cls.parse({"matchLabels": labels} if labels else None)

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Tell whether what has these labels is selected."""
        return self.requirements is not None and all(requirement.holds(labels) for requirement in self.requirements)

    def __bool__(self) -> bool:
        """Tell whether it requires anything: it is there, and not empty."""
        return bool(self.requirements)

    def __str__(self) -> str:
        """Return it as kubectl writes it."""
        if self.requirements is None:
            return "nothing"
        return ",".join(map(str, self.requirements)) or "everything"


def pod_selector(found: Object) -> LabelSelector:
    """Return the selector by which an object of any kind selects pods, or a ServiceMonitor Services."""
    spec = found.get("spec") or {}
    if found["kind"] in PLAIN:
        return LabelSelector.of_map(spec.get("selector"))
    if found["kind"] == "NetworkPolicy":  # without one it is for all pods
        return LabelSelector.parse(spec.get("podSelector") or {})
    return LabelSelector.parse(spec.get("selector"))
