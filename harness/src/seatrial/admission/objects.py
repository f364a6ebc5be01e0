"""What the API server refuses of an object: of its metadata, and by the rules of its kind."""

from collections.abc import Callable, Mapping

from seatrial.admission import (
    access,
    data,
    definitions,
    names,
    networking,
    quotas,
    scaling,
    services,
    storage,
    webhooks,
    workloads,
)
from seatrial.admission.refusal import Path, Refusal, Refusals, Rule, follows, part
from seatrial.manifests.kustomize import Object

METADATA: Path = ("metadata",)
RBAC = "rbac.authorization.k8s.io"
KINDS: Mapping[tuple[str, str], Callable[[Object], Refusals]] = {
    ("", "ConfigMap"): data.config_map,
    ("", "LimitRange"): quotas.limit_range,
    ("", "PersistentVolume"): storage.persistent_volume,
    ("", "PersistentVolumeClaim"): data.persistent_volume_claim,
    ("", "Pod"): workloads.bare_pod,
    ("", "ReplicationController"): workloads.replication_controller,
    ("", "ResourceQuota"): quotas.resource_quota,
    ("", "Secret"): data.secret,
    ("", "Service"): services.service,
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): webhooks.webhooks,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): webhooks.webhooks,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): definitions.custom_resource_definition,
    ("apps", "DaemonSet"): workloads.daemon_set,
    ("apps", "Deployment"): workloads.deployment,
    ("apps", "ReplicaSet"): workloads.replica_set,
    ("apps", "StatefulSet"): workloads.stateful_set,
    ("autoscaling", "HorizontalPodAutoscaler"): scaling.autoscaler,
    ("batch", "CronJob"): workloads.cron_job,
    ("batch", "Job"): workloads.job,
    ("networking.k8s.io", "Ingress"): networking.ingress,
    ("networking.k8s.io", "NetworkPolicy"): networking.network_policy,
    ("policy", "PodDisruptionBudget"): scaling.disruption_budget,
    (RBAC, "ClusterRole"): access.cluster_role,
    (RBAC, "ClusterRoleBinding"): access.binding,
    (RBAC, "Role"): access.role,
    (RBAC, "RoleBinding"): access.binding,
    ("scheduling.k8s.io", "PriorityClass"): quotas.priority_class,
    ("storage.k8s.io", "StorageClass"): storage.storage_class,
}
"""The kinds whose rules are here, by group. Of every other kind the metadata alone is looked at."""
NAMES: Mapping[str, Rule] = {"Namespace": names.label}
"""How objects of a kind are called, where that is not the name of a domain."""


def refusals(found: Object) -> Refusals:
    """Return what the API server would refuse of an object whose schema holds."""
    group, _, version = found["apiVersion"].rpartition("/")
    yield from _metadata(found, group)
    rules = KINDS.get((group, found["kind"]))
    if rules and "beta" not in version and "alpha" not in version:
        yield from rules(found)


def _metadata(found: Object, group: str) -> Refusals:
    metadata = found["metadata"]
    if not metadata.get("name") and not metadata.get("generateName"):
        yield Refusal((*METADATA, "name"), "it or `generateName` is required")
    if "." not in group or group.endswith(".k8s.io"):  # in another group may be what is no object of a server
        rule = names.segment if group == RBAC else NAMES.get(found["kind"], names.subdomain)
        yield from follows(metadata, METADATA, "name", rule)
    yield from follows(metadata, METADATA, "namespace", names.label)
    yield from names.labels(part(metadata, "labels"), (*METADATA, "labels"))
    yield from names.annotations(part(metadata, "annotations"), (*METADATA, "annotations"))
