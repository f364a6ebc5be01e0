"""Each contract rejects what it is there for, and it alone does: one small mutation of a good overlay each."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.harness.kustomize import Object
from tests.manifests.contracts import CONTRACTS
from tests.manifests.overlay import Overlay

Mutation = Callable[["Mutant"], None]


class Mutant:
    """A copy of an overlay's objects with short ways to what mutations change."""

    def __init__(self, overlay: Overlay) -> None:
        self.objects: list[Object] = copy.deepcopy(list(overlay.objects))

    def get(self, kind: str) -> Any:
        """Return the first object of a kind."""
        return next(found for found in self.objects if found["kind"] == kind)

    @property
    def pod(self) -> Any:
        """Return the pod spec."""
        return self.get("Deployment")["spec"]["template"]["spec"]

    @property
    def container(self) -> Any:
        """Return the serving container."""
        return self.pod["containers"][0]


def put(path: Callable[[Mutant], Any], **values: Any) -> Mutation:
    """Return a mutation that sets values at a path."""
    return lambda mutant: path(mutant).update(values)


def container(mutant: Mutant) -> Any:
    """Return the serving container."""
    return mutant.container


def pod(mutant: Mutant) -> Any:
    """Return the pod spec."""
    return mutant.pod


def security(mutant: Mutant) -> Any:
    """Return the serving container's security context."""
    return mutant.container["securityContext"]


def deployment(mutant: Mutant) -> Any:
    """Return the Deployment's spec."""
    return mutant.get("Deployment")["spec"]


def budget(mutant: Mutant) -> Any:
    """Return the PodDisruptionBudget's spec."""
    return mutant.get("PodDisruptionBudget")["spec"]


def settings(mutant: Mutant) -> Any:
    """Return the settings' ConfigMap's data."""
    return mutant.get("ConfigMap")["data"]


def readiness(mutant: Mutant) -> Any:
    """Return the readiness probe."""
    return mutant.container["readinessProbe"]


def liveness(mutant: Mutant) -> Any:
    """Return the liveness probe."""
    return mutant.container["livenessProbe"]


def port(mutant: Mutant) -> Any:
    """Return the container's port."""
    return mutant.container["ports"][0]


def slow_readiness_beside_the_default_lame_duck(mutant: Mutant) -> None:
    """Leave the lame duck to its default, which counts as well."""
    del settings(mutant)["APP_LAME_DUCK_SECONDS"]
    readiness(mutant)["failureThreshold"] = 9


MUTATIONS: list[tuple[str, Mutation]] = [
    ("schema", put(deployment, progresDeadlineSeconds=60)),
    ("schema", put(deployment, revisionHistoryLimit="five")),
    (
        "schema",
        lambda m: m.objects.append({"apiVersion": "example.com/v1", "kind": "PodMonitor", "metadata": {"name": "x"}}),
    ),
    ("pod_security_restricted", put(security, allowPrivilegeEscalation=True)),
    ("pod_security_restricted", put(security, privileged=True)),
    ("pod_security_restricted", put(security, capabilities={"drop": ["all"]})),
    ("pod_security_restricted", put(security, capabilities={"drop": ["ALL"], "add": ["SYS_TIME"]})),
    ("pod_security_restricted", put(security, runAsNonRoot=False)),
    ("pod_security_restricted", put(security, runAsUser=0)),
    ("pod_security_restricted", put(security, seccompProfile={"type": "Unconfined"})),
    ("pod_security_restricted", put(security, procMount="Unmasked")),
    ("pod_security_restricted", put(security, appArmorProfile={"type": "Unconfined"})),
    ("pod_security_restricted", put(security, seLinuxOptions={"user": "root"})),
    ("pod_security_restricted", put(container, lifecycle={"postStart": {"httpGet": {"host": "h", "port": 80}}})),
    ("pod_security_restricted", put(pod, hostNetwork=True)),
    ("pod_security_restricted", lambda m: m.pod["volumes"].append({"name": "h", "hostPath": {"path": "/"}})),
    ("pod_security_restricted", lambda m: m.pod["securityContext"].update(sysctls=[{"name": "a", "value": "b"}])),
    ("host_ports_are_local", put(port, hostPort=8000, hostIP="127.0.0.1")),
    ("no_api_token", lambda m: m.pod.pop("automountServiceAccountToken")),
    ("images_are_pinned", put(container, image="registry.example.com:5000/seatrial")),
    ("images_are_pinned", put(container, image="seatrial:latest")),
    ("images_are_pinned", put(container, imagePullPolicy="Always")),
    ("writable_paths_are_volumes", put(security, readOnlyRootFilesystem=False)),
    ("writable_paths_are_volumes", lambda m: m.container["volumeMounts"].pop()),
    ("writable_paths_are_volumes", lambda m: m.pod["volumes"].append({"name": "tmp", "emptyDir": {}})),
    ("serving_containers_have_all_probes", lambda m: m.container.pop("startupProbe")),
    ("probe_timeout_within_period", put(liveness, timeoutSeconds=11)),
    ("readiness_answers_within_the_probes_timeout", put(settings, APP_READINESS_TIMEOUT_SECONDS="2")),
    ("probe_paths_exist", put(liveness, httpGet={"path": "/healthz", "port": "http"})),
    ("liveness_differs_from_readiness", put(liveness, httpGet={"path": "/health/ready", "port": "http"})),
    ("termination_budget", put(pod, terminationGracePeriodSeconds=30)),
    ("termination_budget", put(settings, APP_DRAIN_SECONDS="20")),
    ("lame_duck_outlasts_readiness", put(readiness, failureThreshold=5)),
    ("lame_duck_outlasts_readiness", put(settings, APP_LAME_DUCK_SECONDS="8")),
    ("lame_duck_outlasts_readiness", slow_readiness_beside_the_default_lame_duck),
    ("hung_worker_is_replaced_before_the_pod", put(settings, APP_WORKER_TIMEOUT_SECONDS="30")),
    ("hung_worker_is_replaced_before_the_pod", put(liveness, failureThreshold=2)),
    ("settings_are_known", put(settings, APP_LAMEDUCK_SECONDS="10")),
    ("settings_are_valid", put(settings, APP_LOG_FORMAT="xml")),
    ("settings_are_valid", put(settings, APP_REQUEST_TIMEOUT_SECONDS="10")),
    ("settings_are_valid", lambda m: m.pod["volumes"][0]["secret"].pop("items")),
    ("connection_budget", put(settings, APP_REPLICAS="2")),
    ("rollout_keeps_capacity", put(deployment, strategy={"type": "RollingUpdate"})),
    ("rollout_keeps_capacity", put(deployment, strategy={"type": "Recreate"})),
    ("disruption_is_possible", put(budget, maxUnavailable=0)),
    ("disruption_is_possible", put(budget, unhealthyPodEvictionPolicy="IfHealthyBudget")),
    ("disruption_is_possible", put(budget, selector={"matchLabels": {"app": "other"}})),
    ("selectors_match", lambda m: m.get("Service")["spec"].update(selector={"app": "other"})),
    ("selectors_match", lambda m: m.get("Service")["spec"]["ports"][0].update(targetPort="web")),
    ("selectors_match", lambda m: m.get("NetworkPolicy")["spec"].update(podSelector={"matchLabels": {"app": "other"}})),
]

POSTGRES_MUTATIONS: list[tuple[str, Mutation]] = [
    ("connection_budget", put(settings, APP_DATABASE_POOL_SIZE="40")),
    ("connection_budget", lambda m: m.container["args"].__setitem__(1, "max_connections=35")),
    ("dependencies_start_first", lambda m: m.objects.reverse()),
    ("liveness_differs_from_readiness", lambda m: m.container.update(livenessProbe=m.container["readinessProbe"])),
    ("settings_are_valid", put(settings, APP_DATABASE_URL="postgresql+asyncpg://seatrial:password@postgres/seatrial")),
    ("writable_paths_are_volumes", lambda m: m.pod["volumes"].append({"name": "postgres-tmp", "emptyDir": {}})),
]


@pytest.mark.parametrize(
    ("contract", "mutate"), MUTATIONS, ids=[f"{n}-{name}" for n, (name, _) in enumerate(MUTATIONS)]
)
def test_mutated_overlay_breaks_one_contract(overlays: dict[str, Overlay], contract: str, mutate: Mutation) -> None:
    """The contract for which the mutation was made rejects it, and no other does."""
    mutant = Mutant(overlays["production"])
    mutate(mutant)
    broken = [each.__name__ for each in CONTRACTS if list(each(Overlay("production", mutant.objects)))]
    assert broken == [contract]


@pytest.mark.parametrize(
    ("contract", "mutate"),
    POSTGRES_MUTATIONS,
    ids=[f"{n}-{name}" for n, (name, _) in enumerate(POSTGRES_MUTATIONS)],
)
def test_mutated_overlay_with_a_database_breaks_one_contract(
    overlays: dict[str, Overlay], contract: str, mutate: Mutation
) -> None:
    """The same where the overlay runs its own PostgreSQL, whose Deployment is the first."""
    mutant = Mutant(overlays["podman-postgres"])
    mutate(mutant)
    broken = [each.__name__ for each in CONTRACTS if list(each(Overlay("podman-postgres", mutant.objects)))]
    assert broken == [contract]


def test_host_port_of_podman_must_be_on_the_loopback_address(overlays: dict[str, Overlay]) -> None:
    """What podman publishes is for this machine."""
    mutant = Mutant(overlays["podman"])
    mutant.container["ports"][0]["hostIP"] = "0.0.0.0"
    broken = [each.__name__ for each in CONTRACTS if list(each(Overlay("podman", mutant.objects)))]
    assert broken == ["host_ports_are_local"]


def test_every_contract_has_a_mutation() -> None:
    """A contract that nothing breaks proves nothing."""
    assert {name for name, _ in MUTATIONS + POSTGRES_MUTATIONS} == {contract.__name__ for contract in CONTRACTS}
