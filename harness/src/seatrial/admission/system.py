"""What a pod cannot ask of the operating system that it names."""

from collections.abc import Iterator

from seatrial.admission.refusal import Fields, Path, Refusal, Refusals, listed, part

NOT_ON_WINDOWS = (
    *("seLinuxOptions", "seccompProfile", "appArmorProfile", "fsGroup", "fsGroupChangePolicy", "sysctls"),
    *("runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy"),
    *("capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation", "procMount"),
)
"""What a pod or its security contexts cannot set where `os.name` is windows."""
NOT_PODS_ON_WINDOWS = ("hostPID", "hostIPC", "hostUsers", "shareProcessNamespace")


def system(spec: Fields, path: Path) -> Refusals:
    """Refuse what the operating system of `os.name` does not have; without that name nothing is."""
    match part(spec, "os").get("name"):
        case None:
            return
        case "linux":
            yield from _without(spec, path, "linux", ("windowsOptions",), ())
        case "windows":
            yield from _without(spec, path, "windows", NOT_ON_WINDOWS, NOT_PODS_ON_WINDOWS)
        case other:
            yield Refusal((*path, "os", "name"), f"given {other!r}; allowed: linux, windows")


def _without(spec: Fields, path: Path, name: str, fields: tuple[str, ...], of_pods: tuple[str, ...]) -> Refusals:
    for here, context in _contexts(spec, path):
        for field in fields:
            if context.get(field) is not None:
                yield Refusal((*here, field), f"not where `os.name` is {name}")
    for field in of_pods:
        if spec.get(field):
            yield Refusal((*path, field), f"not where `os.name` is {name}")


def _contexts(spec: Fields, path: Path) -> Iterator[tuple[Path, Fields]]:
    yield (*path, "securityContext"), part(spec, "securityContext")
    for name in ("initContainers", "containers"):
        for here, container in listed(spec, path, name):
            yield (*here, "securityContext"), part(container, "securityContext")
