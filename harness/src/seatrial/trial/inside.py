"""What is seen of the container that serves, from the host: its privileges, its memory, and where it wrote."""

import asyncio
import stat
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.errors import HarnessError
from seatrial.host.processes import Privileges, Processes
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import secret_texts
from seatrial.trial.stage import Played
from seatrial.trial.subject import Subject

SAMPLE_SECONDS = 0.25
SECRET_CHARACTERS = 8
TMPFS_OF_PODMAN = ("/tmp", "/var/tmp", "/run")  # noqa: S108 - where podman mounts what Kubernetes does not
OF_PODMAN = ("/run/.containerenv", "/run/secrets", "/etc/mtab")


@dataclass(frozen=True)
class Inside:
    """What was seen; `written` are files outside of volumes, on the root or where podman alone lets write."""

    privileges: tuple[Privileges, ...]
    written: tuple[str, ...]


@dataclass
class Memory:
    """The working set's samples, in bytes."""

    samples: list[int] = field(default_factory=list)


def secret_values(objects: Iterable[Object]) -> dict[str, str]:
    """Return the values of Secrets by `name/key`; short ones, which are in any text by chance, are left out."""
    found = {}
    for secret in (each for each in objects if each["kind"] == "Secret"):
        for key, value in secret_texts(secret).items():
            if len(value) >= SECRET_CHARACTERS:
                found[f"{secret['metadata']['name']}/{key}"] = value
    return found


async def processes(played: Played) -> Processes:
    """Return the container's processes as they are now."""
    state = await played.podman.inspect(played.podman_name)
    return Processes.of(state.id, state.pid)


async def look(played: Played) -> Inside | None:
    """Look once; None when the container exits meanwhile."""
    with suppress(HarnessError, OSError):
        seen = await processes(played)
        changed = (await played.podman.ask("diff", played.podman_name)).stdout.splitlines()
        return Inside(
            tuple(seen.privileges()), tuple(sorted({*on_root(seen, changed), *on_tmpfs(seen, played.subject)}))
        )
    return None


@asynccontextmanager
async def measured_memory(played: Played) -> AsyncIterator[Memory]:
    """Sample the working set for as long as the context lasts."""
    memory = Memory()

    async def sample() -> None:
        with suppress(HarnessError, OSError):  # it exits, which others see
            group = (await processes(played)).memory()
            # Without a limit it is not the container's own: a user's containers have none on cgroup v1.
            while group is not None and group.limiting() is not None:
                memory.samples.append(group.working_set_bytes())
                await asyncio.sleep(SAMPLE_SECONDS)

    sampling = asyncio.create_task(sample(), name="memory")
    try:
        yield memory
    finally:
        sampling.cancel()
        await asyncio.wait([sampling])


def on_root(seen: Processes, changed: list[str]) -> list[str]:
    """Return what has been changed on the root, of the lines of `podman diff`: anything but directories."""
    mounts = seen.mounts()
    paths = [line.split(" ", 1) for line in changed if " " in line]
    return [
        path
        for kind, path in paths
        if not any(mount == path or mount.startswith(f"{path}/") for mount in mounts)
        and not path.startswith(OF_PODMAN)
        and (kind == "D" or _is_no_directory(seen.root(path)))
    ]


def on_tmpfs(seen: Processes, subject: Subject) -> list[str]:
    """Return what is on what podman mounts over a read-only root and Kubernetes does not: anything but directories.

    Those may be the image's, of which podman makes copies there.
    """
    declared = subject.declared
    if not declared.security.get("readOnlyRootFilesystem"):
        return []
    mounted = {path.rstrip("/") for path in declared.mounts}
    found = []
    for top in TMPFS_OF_PODMAN:
        if top in mounted or seen.root(top).is_symlink():  # which would lead to the host's
            continue
        files = (
            "/" + str(path.relative_to(seen.root("/"))) for path in seen.root(top).rglob("*") if _is_no_directory(path)
        )
        others = (*OF_PODMAN, *(f"{each}/" for each in mounted))
        found += [path for path in files if path not in mounted and not path.startswith(others)]
    return found


def _is_no_directory(path: Path) -> bool:
    """Tell whether a file, a link, a socket or a pipe is there."""
    with suppress(OSError):  # it is gone
        return not stat.S_ISDIR(path.lstat().st_mode)
    return False
