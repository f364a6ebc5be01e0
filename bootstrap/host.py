"""What the bootstrap knows about a machine: facts, read once, that every decision is a function of."""

import importlib.util
import os
import platform
import re
import resource
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from bootstrap.process import output_of
from bootstrap.version import Version, parse

CAP_SYS_RESOURCE = 24  # linux/capability.h


@dataclass(frozen=True, kw_only=True)
class Host:
    """One machine: its distribution, who runs this, which tools it has, and what containers will meet."""

    distribution: str
    release: str
    name: str
    root: bool
    package_manager: str | None
    uv: Version | None
    pip: bool
    podman: Version | None
    """The system's, and so are `renderer` (kustomize, or kubectl which contains it) and `runc`."""
    renderer: str | None
    runc: bool
    unified_cgroups: bool
    systemd: bool
    may_raise_limits: bool
    nofile: int
    """The hard limit of open files, -1 when there is none; likewise `nproc`, of processes."""
    nproc: int
    loans: frozenset[str] = frozenset()
    """The programs that the checkout has in trees of its own, whole."""

    def without_loans(self) -> "Host":
        """Return the machine as it is without the checkout's own programs."""
        return replace(self, loans=frozenset())


def examine(loans: frozenset[str] = frozenset()) -> Host:
    """Read this machine's facts, beside which the checkout has `loans`; changes nothing."""
    release = _os_release()
    return Host(
        distribution=release.get("ID", "linux"),
        release=release.get("VERSION_ID", ""),
        name=release.get("PRETTY_NAME", "this system"),
        root=os.geteuid() == 0,
        package_manager=next((name for name in ("apt-get", "dnf") if shutil.which(name)), None),
        uv=parse(output_of("uv", "--version") or ""),
        pip=importlib.util.find_spec("pip") is not None,
        podman=parse(output_of("podman", "--version") or ""),
        renderer=next((name for name in ("kustomize", "kubectl") if shutil.which(name)), None),
        runc=shutil.which("runc") is not None,
        unified_cgroups=Path("/sys/fs/cgroup/cgroup.controllers").exists(),
        systemd=Path("/run/systemd/system").is_dir(),  # sd_booted(3)
        may_raise_limits=_has_capability(CAP_SYS_RESOURCE),
        nofile=resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        nproc=resource.getrlimit(resource.RLIMIT_NPROC)[1],
        loans=loans,
    )


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _has_capability(number: int) -> bool:
    if sys.platform != "linux":
        return False
    effective = re.search(r"^CapEff:\s*([0-9a-f]+)$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return effective is not None and bool(int(effective[1], 16) >> number & 1)
