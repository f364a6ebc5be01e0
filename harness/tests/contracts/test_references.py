"""What is named is there, where the manifests are whole enough to tell."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import container, service, told, workload
from seatrial.manifests.kustomize import Object

EXISTS = "what_is_named_exists"


def data(kind: str, name: str, *keys: str) -> Object:
    """Return a ConfigMap or a Secret."""
    field = "data" if kind == "ConfigMap" else "stringData"
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, field: dict.fromkeys(keys, "x")}


def pod(*, volumes: list[dict[str, Any]] | None = None, **fields: Any) -> Object:
    """Return a pod whose container has some fields, or that has some volumes."""
    found = workload("Pod", container("web", **fields))
    found["spec"]["volumes"] = volumes or []
    return found


def variable(name: str, key: str, field: str = "configMapKeyRef", **more: Any) -> Object:
    """Return a pod that takes a variable from a ConfigMap or a Secret."""
    return pod(env=[{"name": "A", "valueFrom": {field: {"name": name, "key": key, **more}}}])


SETTINGS = data("ConfigMap", "settings", "LEVEL")


@pytest.mark.parametrize(
    ("found", "others", "expected"),
    [
        (variable("settings", "LEVEL"), [SETTINGS], [True]),
        (variable("settings", "LEVLE"), [SETTINGS], [False]),
        (variable("settings", "LEVLE", optional=True), [SETTINGS], []),
        (variable("settigns", "LEVEL"), [SETTINGS], [False]),
        (variable("of-somebody-else", "LEVEL"), [], []),
        (variable("settings", "LEVEL"), [data("ConfigMap", "settings")], []),
        (variable("kube-root-ca.crt", "ca.crt"), [SETTINGS], []),
        (variable("passwords", "A", "secretKeyRef"), [data("Secret", "password", "A")], [False]),
        (variable("of-cert-manager", "A", "secretKeyRef"), [data("Secret", "password", "A")], []),
        (pod(envFrom=[{"configMapRef": {"name": "settings-2"}}]), [SETTINGS], [False]),
        (pod(volumes=[{"name": "a", "configMap": {"name": "setting"}}]), [SETTINGS], [False]),
        (
            pod(volumes=[{"name": "a", "configMap": {"name": "settings", "items": [{"key": "a", "path": "a"}]}}]),
            [SETTINGS],
            [False],
        ),
        (
            pod(volumes=[{"name": "a", "projected": {"sources": [{"configMap": {"name": "setting"}}]}}]),
            [SETTINGS],
            [False],
        ),
    ],
)
def test_pod_takes_what_is_there(found: Object, others: list[Object], expected: list[bool]) -> None:
    """Nothing is said of what others may make: where none of the kind is here, or the name is like none that is."""
    assert told(EXISTS, found, *others) == expected


def test_what_a_custom_resource_names_is_made_by_its_controller() -> None:
    """As the ConfigMap of a cluster of databases."""
    made = {"apiVersion": "example.com/v1", "kind": "Cluster", "metadata": {"name": "x"}, "spec": {"map": "settigns"}}
    assert told(EXISTS, variable("settigns", "LEVEL"), SETTINGS, made) == []


def test_stateful_set_names_a_service_that_is_there() -> None:
    """Without it the pods have no names."""
    found = workload("StatefulSet", container("db"), selector={"matchLabels": {"app": "db"}}, serviceName="db")
    assert told(EXISTS, found, service("other", 80)) == [False]
    assert told(EXISTS, found, service("other", 80), service("db", 80)) == []
    assert told(EXISTS, found) == []


def test_role_binding_names_a_role_that_is_there() -> None:
    """A ClusterRole that is like none here may be one that every cluster has."""
    rbac = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": "reader"}, "rules": []}

    def binding(kind: str, name: str) -> Object:
        ref = {"apiGroup": rbac, "kind": kind, "name": name}
        return {"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": {"name": "x"}, "roleRef": ref}

    assert told(EXISTS, binding("Role", "raeder"), role) == [False]
    assert told(EXISTS, binding("Role", "reader"), role) == []
    assert told(EXISTS, binding("ClusterRole", "view"), role) == []
