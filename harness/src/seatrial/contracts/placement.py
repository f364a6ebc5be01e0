"""Where a cluster keeps the objects, and what it shows of them."""

from collections.abc import Iterator

from seatrial.contracts.contract import Check, contract, contract_for
from seatrial.contracts.kubernetes_schema import is_custom
from seatrial.contracts.overlay import Overlay
from seatrial.manifests.place import whole
from seatrial.manifests.workload import Workload

CLUSTER_WIDE = (
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterTrustBundle",
    "CustomResourceDefinition",
    "DeviceClass",
    "FlowSchema",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceSlice",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "StorageVersion",
    "StorageVersionMigration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
)
"""Kubernetes' own kinds that are in no namespace. A custom kind's definition alone says where its objects are."""

HOOKS = {"helm.sh/hook": "hook-succeeded", "argocd.argoproj.io/hook": "HookSucceeded"}
"""Annotations that make a hook of a Job, and the policy that removes it when it has succeeded."""


@contract_for("cluster")
def namespace_is_named(overlay: Overlay) -> Iterator[Check]:
    """On a cluster every object names its namespace, and it is not `default`."""
    for found in overlay.objects:
        if found["kind"] not in CLUSTER_WIDE and not is_custom(found):
            name = found["metadata"].get("namespace", "")
            yield Check(
                whole(found).at("metadata", "namespace"),
                name not in ("", "default"),
                f"namespace {name or 'not named'}",
            )


@contract_for("cluster")
def services_are_internal(overlay: Overlay) -> Iterator[Check]:
    """On a cluster no Service opens a port on every node."""
    for found in overlay.of_kind("Service"):
        kind = found["spec"].get("type", "ClusterIP")
        yield Check(whole(found).at("spec", "type"), kind != "NodePort", f"type {kind}")


@contract
def finished_jobs_are_removed(overlay: Overlay) -> Iterator[Check]:
    """A Job that has finished is removed after a time that it names, or by the policy of the hook that it is."""
    for workload in overlay.workloads():
        if workload.kind == "Job":
            given = workload.source["spec"].get("ttlSecondsAfterFinished", "not set")
            policies = list(_removing(workload))
            text = ", ".join([f"ttlSecondsAfterFinished {given}", *policies])
            yield Check(
                workload.where.at("spec", "ttlSecondsAfterFinished"), given != "not set" or bool(policies), text
            )


def _removing(workload: Workload) -> Iterator[str]:
    """Yield the policies that remove a hook which has succeeded."""
    annotations = workload.source["metadata"].get("annotations", {})
    for hook, policy in HOOKS.items():
        given = annotations.get(f"{hook}-delete-policy", "")
        if hook in annotations and policy in (each.strip() for each in given.split(",")):
            yield f"{hook}-delete-policy {given}"
