"""Pod Security *restricted*, control by control: https://kubernetes.io/docs/concepts/security/pod-security-standards/."""

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.manifests.probe import PROBES
from seatrial.manifests.workload import Container, Workload

HOST_NAMESPACES = ("hostNetwork", "hostPID", "hostIPC")
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}


@contract
def pod_security_restricted(overlay: Overlay) -> Iterator[Check]:
    """Every control of Pod Security *restricted* holds that the pod's system has; host ports have a contract."""
    for workload in overlay.workloads():
        breaches = list(_of_pod(workload))
        yield Check(
            workload.pod_at(), not breaches, "; ".join(breaches) or "no namespace, path or sysctl of the host's"
        )
        for container in workload.containers():
            security, windows = container.security, workload.on_windows
            breaches = [
                *_of_process(security, on_windows=windows),
                *_confined(security, on_windows=windows),
                *_hosts(container),
            ]
            yield Check(
                container.where.at("securityContext"),
                not breaches,
                "; ".join(breaches) or "all 12 controls of a container hold",
            )


def _of_pod(workload: Workload) -> Iterator[str]:
    for field in HOST_NAMESPACES:
        if workload.spec.get(field):
            yield f"{field} must not be true"
    for name, volume in workload.volumes().items():
        if kinds := set(volume) - {"name"} - VOLUMES:
            yield f"volume {name} must not be of the kind {', '.join(kinds)}"
    pod = workload.spec.get("securityContext", {})
    if pod.get("runAsUser") == 0:
        yield "runAsUser must not be 0, even where every container has another"
    yield from _labelled(pod)
    for name, profile in workload.template.get("metadata", {}).get("annotations", {}).items():
        if name.startswith(APPARMOR) and profile != "runtime/default" and not profile.startswith("localhost/"):
            yield f"annotation {name} must not be {profile}"
    if unsafe := {sysctl["name"] for sysctl in pod.get("sysctls", ())} - SYSCTLS:
        yield f"sysctls must not set {', '.join(sorted(unsafe))}"


def _of_process(effective: Mapping[str, Any], *, on_windows: bool) -> Iterator[str]:
    if not on_windows and effective.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation must be false"
    if effective.get("privileged"):
        yield "privileged must not be true"
    capabilities = effective.get("capabilities", {})
    if not on_windows and "ALL" not in capabilities.get("drop", ()):
        yield 'capabilities.drop must have "ALL", in capitals'
    if added := set(capabilities.get("add", ())) - {"NET_BIND_SERVICE"}:
        yield f"capabilities.add may have nothing but NET_BIND_SERVICE, has {', '.join(sorted(added))}"
    if effective.get("runAsNonRoot") is not True:
        yield "runAsNonRoot must be true"
    if effective.get("runAsUser") == 0:
        yield "runAsUser must not be 0"


def _confined(effective: Mapping[str, Any], *, on_windows: bool) -> Iterator[str]:
    if not on_windows and effective.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile.type must be RuntimeDefault or Localhost"
    if effective.get("procMount", "Default") != "Default":
        yield "procMount must be Default"
    if effective.get("appArmorProfile", {}).get("type", "RuntimeDefault") == "Unconfined":
        yield "appArmorProfile.type must not be Unconfined"
    yield from _labelled(effective)
    if effective.get("windowsOptions", {}).get("hostProcess"):
        yield "windowsOptions.hostProcess must not be true"


def _labelled(context: Mapping[str, Any]) -> Iterator[str]:
    linux = context.get("seLinuxOptions", {})
    if linux.get("type", "") not in SELINUX_TYPES or linux.get("user") or linux.get("role"):
        yield f"seLinuxOptions may have nothing but a type out of {', '.join(filter(None, SELINUX_TYPES))}"


def _hosts(container: Container) -> Iterator[str]:
    handlers = {field: container.raw[field] for field in PROBES.values() if field in container.raw}
    for name, handler in (handlers | container.raw.get("lifecycle", {})).items():
        for action in ("httpGet", "tcpSocket"):
            if isinstance(asked := handler, dict) and asked.get(action, {}).get("host"):
                yield f"{name}.{action}.host must not be set"
