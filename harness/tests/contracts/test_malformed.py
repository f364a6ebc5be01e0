"""Objects that no API server would take: one message that names the object, the field and what is wrong with it."""

import copy
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.tests.contracts.deployments import SOUND, container, workload
from seatrial.contracts import CONTRACTS, Overlay
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object, dump, parse

SCHEMA = next(contract for contract in CONTRACTS if contract.name == "schema")
OTHERS = [contract for contract in CONTRACTS if contract is not SCHEMA]
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}}
ROUTE = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "x"}}
BUDGET = {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "x"}, "spec": {}}
MONITOR = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PodMonitor", "metadata": {"name": "x"}}
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "default-deny"},
    "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"ports": [{"port": 8080}]}]},
}
FOUND = [*SOUND["nginx serving files"], *SOUND["a database with a volume for each"], POLICY]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"kind": "Pod", "metadata": {"name": "x"}}, "Pod x: it has no apiVersion"),
        ({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}}, "Service x: it has no spec"),
        ({**DEPLOYMENT, "spec": {"selector": {}, "template": {}}}, "Deployment x: it has no containers"),
        (workload("Pod", container("x", ports="80")), "spec.containers.0.ports: '80' is not of type 'array'"),
        (workload("Pod", container("x", args=[None])), "Pod x: spec.containers.0.args.0: null is no item of a list"),
        ({**ROUTE, "spec": {"rules": "x"}}, "HTTPRoute x: spec.rules: 'x' is not of type 'array'"),
        (ROUTE, "HTTPRoute x: it has no spec"),
        ({**DEPLOYMENT, "apiVersion": "v1"}, "has no Deployment in v1"),
        ({**MONITOR, "spec": {"selector": {"matchExpressions": [{"key": "a"}]}}}, "'operator' is a required property"),
    ],
)
def test_malformed_object_is_named(found: Object, words: str) -> None:
    """`schema` breaks with these words; of all others nothing can be told, and they say why."""
    overlay = Overlay("theirs", [found], "cluster")
    assert any(words in str(check) for check in SCHEMA.breaches(overlay))
    for contract in OTHERS:
        with pytest.raises(ManifestError) as caught:
            contract(Overlay("theirs", [found], contract.only))
        assert words in str(caught.value)


def test_field_that_does_not_fit_is_where_the_breach_is() -> None:
    """The steps lead to it, so that its line is told; they end where the field is missing."""
    wrong, missing = container("x", ports=[{"containerPort": "http"}]), container("x", ports=[{"name": "http"}])
    for spoilt, steps in ((wrong, (0, "containerPort")), (missing, (0,))):
        (breach,) = SCHEMA.breaches(Overlay("theirs", [workload("Pod", spoilt)]))
        assert breach.where.path == ("spec", "containers", 0, "ports", *steps)


def test_object_that_is_malformed_hides_no_other_that_is_refused() -> None:
    """Two faults in two objects are told at once; where the other is sound, nothing is said of the malformed one."""
    (validation,) = (contract for contract in CONTRACTS if contract.name == "validation")
    malformed = workload("Pod", container("x", ports="80"))
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"port": 80}]}}
    refused = {**service, "spec": {"ports": [{"port": 80}, {"port": 81}]}}
    assert {str(check.where) for check in validation.breaches(Overlay("theirs", [malformed, refused]))} == {"Service x"}
    with pytest.raises(ManifestError, match="is not of type 'array'"):
        validation(Overlay("theirs", [malformed, service]))


def test_labels_of_what_kubernetes_has_no_longer_are_looked_at() -> None:
    """As much as all objects have in common; that there is no such kind is for `schema` to say."""
    (malformed,) = Overlay("theirs", [{**BUDGET, "metadata": {"name": "x", "labels": {"version": 1}}}]).malformed
    assert "metadata.labels.version: 1 is not of type 'string'" in malformed
    assert not Overlay("theirs", [BUDGET]).malformed


@pytest.mark.parametrize(
    ("version", "kind", "spec"),
    [
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", {"scaleTargetRef": {"name": "x"}}),
        ("networking.k8s.io/v1beta1", "Ingress", {"rules": ["x"]}),
        ("custom.example/v1", "Service", {"ports": ["http"], "selector": {"app": "x"}}),
    ],
)
def test_object_of_another_version_or_group_is_not_read_by_what_its_kind_is_called(
    version: str, kind: str, spec: dict[str, Any]
) -> None:
    """Its shape is not known; that Kubernetes has none such is said of its own alone."""
    found = {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "spec": spec}
    overlay = Overlay("theirs", [found])
    assert {each.name for each in CONTRACTS if each.breaches(overlay)} == (
        set() if version.startswith("custom") else {"schema", "versions_are_stable"}
    )


def test_quantity_that_is_none_is_named() -> None:
    """The schemas take any text for one."""
    mounted = container("x", volumeMounts=[{"name": "tmp", "mountPath": "/x"}])
    found = workload("Pod", mounted)
    found["spec"]["volumes"] = [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "1 GB"}}]
    (holds,) = (each for each in CONTRACTS if each.name == "memory_holds_its_volumes")
    with pytest.raises(ManifestError, match="'1 GB' is no quantity"):
        holds(Overlay("theirs", [found]))


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield (*path, step)
        yield from _places(inner, (*path, step))


PLACES = [place for place in _places(FOUND) if place[1:] not in ((), ("kind",), ("metadata",), ("metadata", "name"))]


@given(
    place=st.sampled_from(PLACES),
    value=st.sampled_from([None, "x", 7, -1, True, [], {}, ["x"], date(2026, 1, 1), {1: "x", "y": 2}]),
)
def test_odd_value_anywhere_gives_a_verdict_or_a_message(place: tuple[Any, ...], value: Any) -> None:
    """Whatever stands where, a contract gives checks or raises ManifestError, and nothing else."""
    objects = copy.deepcopy(FOUND)
    parent: Any = objects
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = value
    overlay = Overlay("theirs", parse(dump(objects), "theirs"))
    for contract in CONTRACTS:
        with suppress(ManifestError):
            assert all(check.text for check in contract(overlay))


def test_kind_of_another_api_is_not_judged_by_its_name() -> None:
    """A Volcano Job has tasks and no pod template; one of Kubernetes' own must have containers."""
    job = {"kind": "Job", "metadata": {"name": "x"}, "spec": {"tasks": []}}
    assert Overlay("theirs", [{"apiVersion": "batch.volcano.sh/v1alpha1", **job}]).malformed == ()
    assert list(Overlay("theirs", [{"apiVersion": "batch.volcano.sh/v1alpha1", **job}]).workloads()) == []


def test_null_is_a_value_in_a_definitions_schema() -> None:
    """What a nullable field may have."""
    schema = {"type": "object", "properties": {"a": {"type": "string", "nullable": True, "enum": ["x", None]}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "A", "plural": "as"}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "as.b.example"},
        "spec": {"group": "b.example", "names": names, "scope": "Namespaced", "versions": [version]},
    }
    assert Overlay("theirs", [definition]).malformed == ()
