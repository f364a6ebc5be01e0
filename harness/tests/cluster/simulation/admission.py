"""What Pod Security restricted asks of a pod, and what fields a Deployment lacks, as far as tests could need it."""

from harness.tests.cluster.simulation.store import Json


def violations(spec: Json) -> list[str]:
    """Return why a namespace that enforces restricted does not let a pod in."""
    pod, found = spec.get("securityContext") or {}, []
    for container in [*(spec.get("initContainers") or ()), *spec["containers"]]:
        own = container.get("securityContext") or {}
        if own.get("allowPrivilegeEscalation") is not False:
            found.append("allowPrivilegeEscalation != false")
        if (own.get("capabilities") or {}).get("drop") != ["ALL"]:
            found.append("unrestricted capabilities")
        if not own.get("runAsNonRoot", pod.get("runAsNonRoot")):
            found.append("runAsNonRoot != true")
        if "seccompProfile" not in {**pod, **own}:
            found.append("seccompProfile")
        if any(port.get("hostPort") for port in container.get("ports") or ()):
            found.append("hostPort")
    return found


def undeclared(body: Json) -> str:
    """Return a field of an applied Deployment that is another kind's."""
    others = ("serviceName", "podManagementPolicy", "updateStrategy", "volumeClaimTemplates")
    found = body["spec"] if body["kind"] == "Deployment" else {}
    return next((f".spec.{each}" for each in others if each in found), "")
