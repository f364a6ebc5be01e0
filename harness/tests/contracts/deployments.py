"""Sound deployments of other kinds than the service's, on which no contract may say that anything is broken."""

import copy
from typing import Any

from seatrial.contracts import CONTRACTS, Overlay
from seatrial.manifests.kustomize import Object, dump, parse
from seatrial.manifests.workload import TEMPLATES

PROBE = {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 2}


def container(name: str, **more: Any) -> dict[str, Any]:
    """Return a container that holds to Pod Security restricted."""
    return {
        "name": name,
        "image": f"docker.io/library/{name}:1.2",
        "resources": {"requests": {"memory": "32Mi"}, "limits": {"memory": "64Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **more,
    }


def workload(kind: str, *containers: dict[str, Any], **spec: Any) -> Object:
    """Return a workload of any kind, with `spec` for what is not its pods' template."""
    name = containers[0]["name"]
    finite = {"restartPolicy": "Never"} if kind in ("Job", "CronJob") else {}
    found: Any = {
        "metadata": {"labels": {"app": name}},
        "spec": {"automountServiceAccountToken": False, "containers": list(containers), **finite},
    }
    steps = TEMPLATES[kind]
    for step in reversed(steps):
        found = {step: found}
    if steps:
        found = {"spec": {**found["spec"], **spec}}
    groups = {"Job": "batch/v1", "CronJob": "batch/v1", "Pod": "v1", "ReplicationController": "v1"}
    metadata = {**found.get("metadata", {}), "name": name}
    return {"apiVersion": groups.get(kind, "apps/v1"), "kind": kind, **copy.deepcopy(found), "metadata": metadata}


def service(name: str, target: int | str) -> Object:
    """Return a Service for the pods of a name."""
    spec = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": target}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def selector(name: str) -> dict[str, Any]:
    """Return the selector of a workload's own pods."""
    return {"selector": {"matchLabels": {"app": name}}}


def told(contract: str, *objects: Object) -> list[bool]:
    """Return what a contract says of these objects, place by place: whether it holds there."""
    (found,) = (each for each in CONTRACTS if each.name == contract)
    return [check.holds for check in found(Overlay("theirs", parse(dump([*objects]), "theirs")))]


LISTENING = {"ports": [{"name": "http", "containerPort": 8080}]}
SERVER = container("server", **LISTENING, readinessProbe=PROBE, livenessProbe={"tcpSocket": {"port": 8080}})
FILES = container(
    "nginx",
    **LISTENING,
    readinessProbe=PROBE,
    livenessProbe=PROBE | {"failureThreshold": 10},
    lifecycle={"preStop": {"sleep": {"seconds": 12}}},
)
DATABASE = container(
    "postgres",
    ports=[{"containerPort": 5432}],
    readinessProbe={"tcpSocket": {"port": 5432}},
    livenessProbe={"exec": {"command": ["pg_isready", "--host=127.0.0.1", "--username=postgres"]}},
    volumeMounts=[{"name": "data", "mountPath": "/data"}],
)
CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}
SOUND: dict[str, list[Object]] = {
    "nginx serving files": [
        workload("Deployment", FILES, replicas=2, **selector("nginx")),
        service("nginx", "http"),
    ],
    "a plain server in a pod": [workload("Pod", SERVER)],
    "a worker that listens to nobody": [workload("Deployment", container("worker"), **selector("worker"))],
    "a database with a volume for each": [
        workload("StatefulSet", DATABASE, serviceName="postgres", volumeClaimTemplates=[CLAIM], **selector("postgres")),
        service("postgres", 5432),
    ],
    "a job at night": [workload("CronJob", container("backup"), schedule="0 3 * * *")],
    "a collector on each node": [workload("DaemonSet", container("collector"), **selector("collector"))],
}
