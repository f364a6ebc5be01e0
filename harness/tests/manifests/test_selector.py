"""Label selectors, held to a plain reference of Kubernetes' semantics."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import ManifestError
from seatrial.manifests.selector import LabelSelector, pod_selector

LABELS = {"app": "a", "tier": "web"}
KEYS, VALUES = st.sampled_from(["app", "tier", "zone"]), st.sampled_from(["", "a", "web"])
SOME_LABELS = st.dictionaries(KEYS, VALUES)
EXPRESSIONS = st.builds(
    lambda key, operator, values: {"key": key, "operator": operator, "values": values},
    KEYS,
    st.sampled_from(["In", "NotIn"]),
    st.lists(VALUES, min_size=1),
) | st.builds(
    lambda key, operator: {"key": key, "operator": operator}, KEYS, st.sampled_from(["Exists", "DoesNotExist"])
)
SELECTORS = st.fixed_dictionaries({}, optional={"matchLabels": SOME_LABELS, "matchExpressions": st.lists(EXPRESSIONS)})


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {}, "matchExpressions": []}, True),
        ({"matchLabels": {"app": "a"}}, True),
        ({"matchLabels": {"app": "a", "zone": "z"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["b"]}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "In", "values": ["z"]}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["z"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "zone", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}, True),
        ({"matchLabels": {"app": "a"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
    ],
)
def test_selector_selects(selector: dict[str, Any] | None, expected: bool) -> None:  # noqa: FBT001 - a table
    """All that a selector asks for must be so; an empty one selects everything, one that is not there nothing."""
    assert LabelSelector.parse(selector).selects(LABELS) is expected


def reference(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Return what the API's documentation says: by sets of the pairs that each requirement admits or forbids."""
    pairs = labels.items()
    holds = [(key, value) in pairs for key, value in selector.get("matchLabels", {}).items()]
    for expression in selector.get("matchExpressions", []):
        named = {(expression["key"], value) for value in expression.get("values", [])} & pairs
        there = {key for key, _ in pairs} & {expression["key"]}
        told = {"In": named, "NotIn": not named, "Exists": there, "DoesNotExist": not there}
        holds.append(bool(told[expression["operator"]]))
    return all(holds)


@given(SELECTORS, SOME_LABELS)
def test_selector_selects_what_the_reference_does(selector: dict[str, Any], labels: dict[str, str]) -> None:
    """Whatever it asks for, and whatever labels there are."""
    assert LabelSelector.parse(selector).selects(labels) is reference(selector, labels)


@given(SOME_LABELS, SOME_LABELS)
def test_map_of_labels_selects_as_match_labels_do(wanted: dict[str, str], labels: dict[str, str]) -> None:
    """But an empty one selects nothing: a Service without a selector leads to no pod."""
    assert LabelSelector.of_map(wanted).selects(labels) is (bool(wanted) and reference({"matchLabels": wanted}, labels))


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("Service", {"selector": {"app": "a"}}, True),
        ("Service", {"selector": {"app": "b"}}, False),
        ("Service", {"selector": {}}, False),
        ("Service", {}, False),
        ("NetworkPolicy", {"podSelector": {}}, True),
        ("NetworkPolicy", {}, True),
        ("PodDisruptionBudget", {"selector": {}}, True),
        ("PodDisruptionBudget", {}, False),
        ("Deployment", {"selector": {"matchLabels": {"app": "a"}}}, True),
    ],
)
def test_each_kind_has_its_own_selector(kind: str, spec: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    """With its own meaning of one that is empty, and of none."""
    assert pod_selector({"kind": kind, "metadata": {"name": "x"}, "spec": spec}).selects(LABELS) is expected


def test_operator_that_there_is_not_is_refused() -> None:
    """As the API server does, with those that there are."""
    expression = {"key": "app", "operator": "Equals", "values": ["a"]}
    with pytest.raises(ManifestError, match=r"label app: operator 'Equals' must be one of In, NotIn, Exists"):
        LabelSelector.parse({"matchExpressions": [expression]})
