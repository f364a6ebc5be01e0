"""What a pod may do: Pod Security *restricted*, and what goes beyond it."""

from collections.abc import Iterator
from typing import Any

from tests.manifests.overlay import Overlay, Workload

# https://kubernetes.io/docs/concepts/security/pod-security-standards/
HOST_NAMESPACES = ("hostNetwork", "hostPID", "hostIPC")
VOLUME_KINDS = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
LOOPBACK = "127.0.0.1"


def pod_security_restricted(overlay: Overlay) -> Iterator[str]:
    """Every control of Pod Security *restricted* holds; host ports have a contract of their own."""
    for workload in overlay.workloads():
        pod = workload.spec.get("securityContext", {})
        for field in HOST_NAMESPACES:
            if workload.spec.get(field):
                yield f"{workload.name}: {field} must not be true"
        for volume in workload.spec.get("volumes", ()):
            if kinds := set(volume) - {"name"} - VOLUME_KINDS:
                yield f"{workload.name}: volume {volume['name']} is of the kind {', '.join(kinds)}"
        if pod.get("sysctls"):
            yield f"{workload.name}: sysctls must not be set"
        for container in workload.containers():
            for breach in (*_restricted(pod, container.get("securityContext", {})), *_hosts(container)):
                yield f"{workload.name}: container {container['name']}: {breach}"


def _restricted(pod: dict[str, Any], own: dict[str, Any]) -> Iterator[str]:
    effective = pod | own
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation must be false"
    if own.get("privileged"):
        yield "privileged must not be true"
    capabilities = own.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", ()):
        yield 'capabilities.drop must have "ALL", in capitals'
    if set(capabilities.get("add", ())) - {"NET_BIND_SERVICE"}:
        yield "capabilities.add may have nothing but NET_BIND_SERVICE"
    if effective.get("runAsNonRoot") is not True:
        yield "runAsNonRoot must be true"
    if not isinstance(effective.get("runAsUser"), int) or effective["runAsUser"] == 0:
        yield "runAsUser must be a number above 0: podman ignores runAsNonRoot"
    if effective.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile.type must be RuntimeDefault or Localhost"
    yield from _confined(effective)


def _confined(effective: dict[str, Any]) -> Iterator[str]:
    if effective.get("procMount", "Default") != "Default":
        yield "procMount must be Default"
    if effective.get("appArmorProfile", {}).get("type", "RuntimeDefault") == "Unconfined":
        yield "appArmorProfile.type must not be Unconfined"
    linux = effective.get("seLinuxOptions", {})
    if linux.get("type", "") not in SELINUX_TYPES or "user" in linux or "role" in linux:
        yield f"seLinuxOptions may have nothing but a type out of {', '.join(filter(None, SELINUX_TYPES))}"


def _hosts(container: dict[str, Any]) -> Iterator[str]:
    handlers = [(name, container[name]) for name in PROBES if name in container]
    handlers += list(container.get("lifecycle", {}).items())
    for name, handler in handlers:
        for action in ("httpGet", "tcpSocket"):
            if handler.get(action, {}).get("host"):
                yield f"{name}.{action}.host must not be set"


def host_ports_are_local(overlay: Overlay) -> Iterator[str]:
    """A host port is for podman alone (restricted allows none), and on the loopback address."""
    for workload in overlay.workloads():
        for container in workload.containers():
            for port in container.get("ports", ()):
                if "hostPort" not in port:
                    continue
                if not overlay.name.startswith("podman"):
                    yield f"{workload.name}: hostPort {port['hostPort']}: only overlays for podman may have one"
                elif port.get("hostIP") != LOOPBACK:
                    yield f"{workload.name}: hostPort {port['hostPort']}: hostIP must be {LOOPBACK}"


def no_api_token(overlay: Overlay) -> Iterator[str]:
    """No pod gets a token of the API server."""
    for workload in overlay.workloads():
        if workload.spec.get("automountServiceAccountToken") is not False:
            yield f"{workload.name}: automountServiceAccountToken must be false"


def images_are_pinned(overlay: Overlay) -> Iterator[str]:
    """Every image has an exact tag or a digest, and is not pulled again when it is there."""
    for workload in overlay.workloads():
        for container in workload.containers():
            name = container["image"].rsplit("/", 1)[-1]
            tag = name.partition(":")[2]
            if "@sha256:" not in name and tag in ("", "latest"):
                yield f"{workload.name}: image {container['image']} has no exact tag"
            if container.get("imagePullPolicy") != "IfNotPresent":
                yield f"{workload.name}: container {container['name']}: imagePullPolicy must be IfNotPresent"


def writable_paths_are_volumes(overlay: Overlay) -> Iterator[str]:
    """Roots are read-only and /tmp is a volume: podman adds one by itself, Kubernetes does not."""
    for workload in overlay.workloads():
        for container in workload.containers():
            if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
                yield f"{workload.name}: container {container['name']}: readOnlyRootFilesystem must be true"
            if "/tmp" not in _mount_paths(container):  # noqa: S108 - the path is the claim
                yield f"{workload.name}: container {container['name']}: /tmp must be a volume"
        yield from _shared_names(workload)


def _mount_paths(container: dict[str, Any]) -> set[str]:
    return {mount["mountPath"] for mount in container.get("volumeMounts", ())}


def _shared_names(workload: Workload) -> Iterator[str]:
    for volume in workload.spec.get("volumes", ()):
        app = workload.labels.get("app.kubernetes.io/part-of", "")
        if "emptyDir" in volume and not (app and volume["name"].startswith(app)):
            yield (
                f"{workload.name}: emptyDir {volume['name']}: its name must begin with the application's "
                f"(part-of: {app}), for on podman all pods of the machine share it by name"
            )
