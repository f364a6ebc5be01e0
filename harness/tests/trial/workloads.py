"""Workloads and Services, as somebody's manifests have them, for tests."""

from typing import Any

from seatrial.manifests.kustomize import Object


def workload(name: str, kind: str = "Deployment", **container: Any) -> Object:
    """Return a workload of one container."""
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": name, "image": "localhost/x:1", **container}]},
    }
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {"template": template}}


def service(name: str, selects: str, /, **port: Any) -> Object:
    """Return a Service of one port."""
    spec = {"selector": {"app": selects}, "ports": [{"port": 80, **port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def env(**variables: str) -> list[dict[str, str]]:
    """Return a container's variables."""
    return [{"name": name, "value": value} for name, value in variables.items()]
