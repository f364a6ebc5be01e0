"""The podman command line: the one module behind which it stands."""

import asyncio
import json
import math
import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from seatrial.command import Command, Completed
from seatrial.errors import PodmanError, ToolMissingError
from seatrial.host import owner
from seatrial.manifests.isolation import RUN_LABEL
from seatrial.podman.leftovers import Leftovers

NOWHERE = Path("/proc")
"""Where podman runs: a container's monitor (conmon) has its working directory, and leaves a file `oom` there if it can.

podman itself reads another, in the container's own directory.
"""
ASK_SECONDS = 30.0
SETTLE_SECONDS = 60.0
POLL_SECONDS = 0.25
CHANGE_SECONDS = 120.0
HISTORY = 20


@dataclass(frozen=True)
class ContainerState:
    """A container as podman sees it; `instance` changes whenever it is started again."""

    name: str
    instance: str
    running: bool
    status: str
    exit_code: int
    started_at: datetime | None
    finished_at: datetime | None
    out_of_memory: bool
    stop_signal: str
    pid: int = 0

    @property
    def id(self) -> str:
        """Podman's own id of it."""
        return self.instance.partition("@")[0]


def environment() -> Mapping[str, str]:
    """Return what podman's environment needs besides what this process has."""
    return {"PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}


@dataclass
class Podman:
    """podman, with the last commands that changed something in `history`; what fails raises CommandError.

    `held` are open in each command, as in Command.
    """

    held: tuple[int, ...] = ()
    history: deque[Completed] = field(default_factory=lambda: deque(maxlen=HISTORY))

    async def version(self) -> str:
        """Return the client's version, such as 5.4.2."""
        return (await self.ask("version", "--format", "{{.Client.Version}}")).stdout.strip()

    async def kube_play(
        self,
        manifests: str,
        *,
        network: str | None = None,
        replace: bool = False,
        log_bytes: int | None = None,
        limit_seconds: float = CHANGE_SECONDS,
    ) -> None:
        """Play a YAML text; returns when the containers are started, init containers have ended by then.

        `replace` stops within its grace period, and removes, what is there under the same names. A container's log is
        begun anew at `log_bytes`.
        """
        options = (
            *(("--network", network) if network else ()),
            *(("--replace",) if replace else ()),
            *(("--log-opt", f"max-size={log_bytes}") if log_bytes else ()),
        )
        await self.change("kube", "play", *options, "-", stdin=manifests, limit_seconds=limit_seconds)

    async def kube_down(self, manifests: str, *, force: bool = False, limit_seconds: float = CHANGE_SECONDS) -> None:
        """Stop within the grace period and remove what a YAML text describes; `force` removes the claims' data too."""
        forces = ("--force",) if force else ()
        await self.change("kube", "down", *forces, "-", stdin=manifests, limit_seconds=limit_seconds)

    async def labels(self, kind: str) -> dict[str, Mapping[str, str]]:
        """Return the labels of all that there is of a kind, `pod` or `volume`, by their names."""
        listed = json.loads((await self.ask(kind, "ls", "--format", "json")).stdout or "null") or ()
        return {entry["Name"]: entry.get("Labels") or {} for entry in listed}

    async def infra(self, pod: str) -> str:
        """Return the container that holds a pod's namespaces, and writes nothing."""
        return (await self.ask("pod", "inspect", "--format", "{{.InfraContainerID}}", pod)).stdout.strip()

    async def publisher(self, port: int) -> str | None:
        """Return the container that publishes a port of the host, None when there is none."""
        for container in json.loads((await self.ask("ps", "--format", "json")).stdout or "null") or ():
            for published in (container.get("Ports") or ()) if not container.get("IsInfra") else ():
                if 0 <= port - published["host_port"] < published.get("range", 1):
                    return f"the container {container['Names'][0]} of podman's"
        return None

    async def inspect(self, container: str) -> ContainerState:
        """Return a container's present state."""
        (raw,) = json.loads((await self.ask("container", "inspect", container)).stdout)
        return _container_state(raw)

    async def start(self, container: str, pod: str) -> None:
        """Start a container of a pod that has exited.

        `kube play` gives every pod the exit policy `stop`: some seconds after its last container has exited, podman
        stops whatever then runs in it. So the start waits until it has; measured on 5.4.2, it took 3 s.
        """
        deadline = time.monotonic() + SETTLE_SECONDS
        while await self._is_about_to_stop(pod):
            if time.monotonic() > deadline:
                raise PodmanError(f"podman has not stopped the pod {pod} within {SETTLE_SECONDS:g} s of its last exit")
            await asyncio.sleep(POLL_SECONDS)
        await self.change("start", container)

    async def _is_about_to_stop(self, pod: str) -> bool:
        (raw,) = json.loads((await self.ask("pod", "inspect", pod)).stdout)
        infra = [each["State"] for each in raw["Containers"] if each["Id"] == raw["InfraContainerID"]]
        others = [each["State"] for each in raw["Containers"] if each["Id"] != raw["InfraContainerID"]]
        return "running" in infra and "running" not in others

    async def kill(self, container: str, signal: str) -> None:
        """Send a signal to a container's first process; the container stays `running` until it exits.

        Unlike `podman stop` that leaves `podman exec`, and so exec probes, working meanwhile.
        """
        await self.change("kill", "--signal", signal, container)

    async def stop(self, containers: Iterable[str], grace_seconds: float) -> None:
        """Stop containers together, each within its grace period; those that are not there are none to stop."""
        options = ("--ignore", f"--time={math.ceil(grace_seconds)}")
        await self.change("stop", *options, *containers, limit_seconds=grace_seconds + CHANGE_SECONDS)

    async def exec(self, container: str, command: Iterable[str], limit_seconds: float = ASK_SECONDS) -> Completed:
        """Run a command in a container and return what it left, whatever its exit code."""
        return await self._run("exec", container, *command, limit_seconds=limit_seconds)

    async def logs(self, container: str) -> str:
        """Return what a container wrote, stdout and then stderr."""
        completed = await self.ask("logs", container)
        return completed.stdout + completed.stderr

    async def create_secret(self, name: str, manifest: str) -> bool:
        """Keep a Secret's manifest as `kube play` does, unless there is one of this name; return whether it was new."""
        if await self.has_secret(name):
            return False
        await self.change("secret", "create", name, "-", stdin=manifest)
        return True

    async def has_secret(self, name: str) -> bool:
        """Return whether there is a secret of this name."""
        return (await self._run("secret", "exists", name, limit_seconds=ASK_SECONDS)).returncode == 0

    async def replace_secret(self, name: str, manifest: str) -> None:
        """Keep a Secret's manifest in place of what is there under this name."""
        await self.change("secret", "create", "--replace", name, "-", stdin=manifest)

    async def create_network(self, name: str, run: str, *, keep: bool = False) -> None:
        """Make a network with a run's label, and that of the process whose run it is, unless it outlives that."""
        owned = () if keep else ("--label", f"{owner.LABEL}={owner.this_process()}")
        await self.change("network", "create", "--label", f"{RUN_LABEL}={run}", *owned, name)

    async def abandoned_runs(self) -> tuple[str, ...]:
        """Return the runs whose process is gone: what they left is nobody's."""
        listed = await self.ask("network", "ls", "--filter", f"label={RUN_LABEL}", "--format", "json")
        labels = [each.get("labels") or each.get("Labels") or {} for each in json.loads(listed.stdout or "[]")]
        return tuple(each[RUN_LABEL] for each in labels if owner.is_gone(each.get(owner.LABEL, "")))

    async def remove_run(self, run: str) -> None:
        """Remove everything of a run, its data included."""
        left = await self.leftovers(run)
        await self.remove_pods(left.pods)
        await self.remove_secrets(left.secrets)
        await self.remove_volumes(left.volumes)
        await self.remove_networks(left.networks)

    async def remove_pods(self, names: Iterable[str]) -> None:
        """Remove those of these pods that exist, at once, whatever they do."""
        if given := tuple(names):
            await self.change("pod", "rm", "--force", "--ignore", "--time", "0", *given)

    async def remove_volumes(self, names: Iterable[str]) -> None:
        """Remove those of these volumes that exist."""
        await self._remove("volume", names)

    async def remove_secrets(self, names: Iterable[str]) -> None:
        """Remove those of these secrets that exist."""
        await self._remove("secret", names)

    async def remove_networks(self, names: Iterable[str]) -> None:
        """Remove those of these networks that exist."""
        await self._remove("network", names)

    async def leftovers(self, run: str) -> Leftovers:
        """Return everything in podman that a run's label or name marks as the run's."""
        return Leftovers(
            pods=await self._names("pod", "ls", "--format", "{{.Name}}", *_labelled(run)),
            volumes=tuple(name for name in await self._names(*_listing("volume")) if name.endswith(f"-{run}")),
            secrets=tuple(name for name in await self._names(*_listing("secret")) if name.endswith(f"-{run}")),
            networks=tuple(name for name in await self._names(*_listing("network")) if name.endswith(f"-{run}")),
        )

    async def _remove(self, kind: str, names: Iterable[str]) -> None:
        present = set(await self._names(*_listing(kind)))
        if found := [name for name in dict.fromkeys(names) if name in present]:
            await self.change(kind, "rm", *found)

    async def _names(self, *arguments: str) -> tuple[str, ...]:
        return tuple((await self.ask(*arguments)).stdout.split())

    async def ask(self, *arguments: str, limit_seconds: float = ASK_SECONDS) -> Completed:
        """Run a command that changes nothing and return what it left."""
        return (await self._run(*arguments, limit_seconds=limit_seconds)).check(PodmanError)

    async def change(self, *arguments: str, stdin: str | None = None, limit_seconds: float = CHANGE_SECONDS) -> None:
        """Run a command that changes something, and keep it in the history."""
        completed = await self._run(*arguments, stdin=stdin, limit_seconds=limit_seconds)
        self.history.append(completed)
        completed.check(PodmanError)

    async def _run(self, *arguments: str, limit_seconds: float, stdin: str | None = None) -> Completed:
        given = None if stdin is None else stdin.encode()
        return await Command(("podman", *arguments), limit_seconds, NOWHERE, given, environment(), held=self.held).run()


def follow_logs(containers: Iterable[str]) -> NoReturn:
    """Become `podman logs` of these containers, each line behind its container's name; it ends with Ctrl-C."""
    command = ["podman", "logs", "--follow", "--names", *containers]
    os.execvpe("podman", command, {**os.environ, **environment()})  # noqa: S606, S607 - as above


def enter_namespace() -> None:
    """Become this command in the user's own namespace, where containers can be looked into; root is there already.

    Outside of it, a user without root may send their processes no signal.
    """
    if os.geteuid() != 0:
        command = ("podman", "unshare", sys.executable, *sys.orig_argv[1:])
        try:
            os.execvpe("podman", command, {**os.environ, **environment()})  # noqa: S606, S607 - as above
        except FileNotFoundError as error:
            raise ToolMissingError("podman") from error


def _labelled(run: str) -> tuple[str, str]:
    return "--filter", f"label={RUN_LABEL}={run}"


def _listing(kind: str) -> tuple[str, ...]:
    return kind, "ls", "--format", "{{.Name}}"


def _container_state(raw: Mapping[str, Any]) -> ContainerState:
    state = raw["State"]
    return ContainerState(
        name=raw["Name"],
        # podman starts the same container again, where the kubelet makes a new one: the start tells them apart.
        instance=f"{raw['Id']}@{state['StartedAt']}",
        running=state["Running"] or state["Paused"],
        status=state["Status"],
        exit_code=state["ExitCode"],
        started_at=_moment(state["StartedAt"]),
        finished_at=_moment(state["FinishedAt"]),
        out_of_memory=state["OOMKilled"],
        stop_signal=str(raw["Config"].get("StopSignal") or "SIGTERM"),
        pid=state["Pid"],
    )


def _moment(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text)
    return None if moment.year == 1 else moment
