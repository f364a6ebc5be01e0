"""The contracts on other people's deployments: silent on what is sound, of whatever kind, and not on what is not."""

import copy
from typing import Any

import pytest

from harness.tests.contracts.deployments import SOUND, container, selector, workload
from seatrial.contracts import CONTRACTS, Overlay
from seatrial.manifests.kustomize import Object, dump, parse
from seatrial.manifests.workload import TEMPLATES

OWN: dict[str, dict[str, Any]] = {
    "CronJob": {"schedule": "* * * * *"},
    "Job": {"ttlSecondsAfterFinished": 60},
    "StatefulSet": {"serviceName": "app", **selector("app")},
    "ReplicationController": {"selector": {"app": "app"}},
}


def broken(*objects: Object) -> set[str]:
    """Return the names of the contracts that these objects break."""
    overlay = Overlay("theirs", parse(dump([*objects]), "theirs"))
    return {contract.name for contract in CONTRACTS if contract.breaches(overlay)}


@pytest.mark.parametrize("name", SOUND)
def test_sound_deployment_breaks_nothing(name: str) -> None:
    """What no contract can know, none complains of."""
    assert broken(*SOUND[name]) == set()


@pytest.mark.parametrize("kind", TEMPLATES)
def test_pods_of_every_kind_of_workload_are_judged(kind: str) -> None:
    """What has a pod spec is judged by it, wherever it has it."""
    spec = OWN.get(kind, selector("app"))
    assert broken(workload(kind, container("app"), **spec)) == set()
    assert broken(workload(kind, container("app", image="app:latest"), **spec)) == {"images_are_pinned"}


def test_items_of_a_list_are_judged() -> None:
    """`kubectl get -o yaml` gives a List: its items count as if they stood alone."""
    bad = workload("Pod", container("app", image="app"))
    found = {"apiVersion": "v1", "kind": "List", "metadata": {"name": ""}, "items": [bad]}
    assert broken(found) == {"images_are_pinned"}


def test_field_that_is_null_is_not_there() -> None:
    """As the API server reads it: kustomize leaves null where a patch takes a field away."""
    objects = copy.deepcopy(SOUND["a worker that listens to nobody"])
    objects[0]["spec"]["template"]["spec"] |= {"volumes": None, "initContainers": None}
    assert broken(*objects) == set()


def test_init_container_that_goes_on_is_one_that_serves() -> None:
    """A sidecar is probed like any other container; an init container that ends is not."""
    helper = container("helper", ports=[{"containerPort": 9000}])
    for restart, expected in (({}, set()), ({"restartPolicy": "Always"}, {"serving_containers_are_probed"})):
        pod = workload("Pod", container("app"))
        pod["spec"]["initContainers"] = [helper | restart]
        assert broken(pod) == expected


@pytest.mark.parametrize(
    ("annotations", "removed"),
    [
        ({"helm.sh/hook": "pre-install", "helm.sh/hook-delete-policy": "before-hook-creation, hook-succeeded"}, True),
        ({"argocd.argoproj.io/hook": "PreSync", "argocd.argoproj.io/hook-delete-policy": "HookSucceeded"}, True),
        ({"helm.sh/hook": "pre-install", "helm.sh/hook-delete-policy": "before-hook-creation"}, False),
        ({"helm.sh/hook-delete-policy": "hook-succeeded"}, False),
    ],
)
def test_job_is_removed_by_the_policy_of_its_hook(annotations: dict[str, str], *, removed: bool) -> None:
    """One that is removed before the next stays until then, and a policy without a hook does nothing."""
    job = workload("Job", container("app"))
    job["metadata"]["annotations"] = annotations
    assert broken(job) == (set() if removed else {"finished_jobs_are_removed"})


@pytest.mark.parametrize("runtime", [None, "podman", "cluster"])
def test_host_port_is_judged_by_what_the_deployment_is_for(runtime: Any) -> None:
    """Nothing is said of it where nobody said whether podman publishes it or a node does."""
    probes = {name: {"tcpSocket": {"port": 8080}} for name in ("readinessProbe", "livenessProbe")}
    ports = [{"containerPort": 8080, "hostPort": 8080, "hostIP": "127.0.0.1"}]
    overlay = Overlay("theirs", [workload("Pod", container("app", ports=ports, **probes))], runtime)
    (host_ports,) = (contract for contract in CONTRACTS if contract.name == "host_ports_are_local")
    assert [check.holds for check in host_ports(overlay)] == {None: [], "podman": [True], "cluster": [False]}[runtime]
