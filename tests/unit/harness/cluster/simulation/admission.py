"""What Pod Security restricted asks of a pod, as far as the simulation's pods could lack it."""

from tests.unit.harness.cluster.simulation.store import Json


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
