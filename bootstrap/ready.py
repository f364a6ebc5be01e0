"""What the last call found, kept so that the next one, if nothing has changed since, needs milliseconds.

Whatever a call decides by is compared: by their stat alone the programs, the files of those in the checkout, and the
bootstrap itself; the limits, ids and the boot.
"""

import contextlib
import json
import os
import resource
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FILE = Path("ready.json")
PROGRAMS = ("podman", "runc", "kustomize", "kubectl", "uv", "newuidmap", "newgidmap")
SYSTEM_FILES = ("/etc/subuid", "/etc/subgid", "/etc/containers/policy.json", "/run/systemd/system", "/etc/os-release")
OWN_FILES = ("Containerfile", "pyproject.toml", ".tools/containers.conf", ".tools/bin/podman", ".tools/bin/kustomize")


def state(checkout: Path, loaned: Iterable[Path]) -> dict[str, Any]:
    """Return what the result depends on; `loaned` are the files of the programs in the checkout."""
    own = [*(checkout / name for name in OWN_FILES), *sorted((checkout / "bootstrap").glob("*.py")), *loaned]
    found = [Path(path) for name in PROGRAMS if (path := shutil.which(name))]
    policy = Path("~/.config/containers/policy.json").expanduser()
    files = {str(path): _stat(path) for path in (*own, *found, policy, *map(Path, SYSTEM_FILES))}
    boot = ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return {
        "checkout": str(checkout),
        "python": sys.version,
        "user": os.geteuid(),
        "boot": boot,
        "limits": [list(resource.getrlimit(limit)) for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)],
        "files": files,
    }


def _stat(path: Path) -> list[int] | None:
    with contextlib.suppress(OSError):
        found = path.stat()
        return [found.st_size, found.st_mtime_ns, found.st_ino]
    return None


def load(tools: Path) -> Mapping[str, Any]:
    """Return what was kept, nothing when that cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads((tools / FILE).read_text(encoding="utf-8"))
        if isinstance(kept, dict):
            return kept
    return {}


def keep(tools: Path, now: Mapping[str, Any], programs: Mapping[str, Mapping[str, str]]) -> None:
    """Keep a good result: the state it holds for, and each program's path, version and origin (system or checkout)."""
    part = tools / f"{FILE}.part"
    part.write_text(json.dumps({"programs": programs, "state": now}, indent=1), encoding="utf-8")
    part.replace(tools / FILE)
