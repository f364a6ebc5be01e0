"""The memory limit is reached: another process takes in the container's cgroup what is left, as if it leaked.

The kernel then kills a process of the container. Where that leaves others, the limit is reached once more, and all are
killed as soon as one is: so does Kubernetes on cgroup v2, by memory.oom.group, which podman does not set.
"""

import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from seatrial.command import Command
from seatrial.errors import HarnessError, LimitExceededError, NotPermittedError
from seatrial.host import pressure
from seatrial.host.memory import MemoryGroup
from seatrial.host.processes import Processes, send
from seatrial.timeline import Kind
from seatrial.traffic.clients import NewConnection, Traffic
from seatrial.trial import load as loading
from seatrial.trial.claims.memory import CLAIMS, MEBIBYTE
from seatrial.trial.inside import processes
from seatrial.trial.scenario import Scenario
from seatrial.trial.scenarios.recovery import recovered, restart_seconds
from seatrial.trial.seen import AtLimit, Reached
from seatrial.trial.stage import Played, Stage, start_seconds
from seatrial.trial.subject import Subject
from seatrial.waiting import eventually

LIGHT_RATE = 10.0
KILL_SECONDS = 2.0
"""What a process may take to be gone that the kernel has killed."""


async def run(stage: Stage) -> AtLimit:
    """Reach the limit under light traffic, once or twice, and see each time that it serves again."""
    reached, refused, untold = list[Reached](), False, ""
    async with stage.deployed() as played:
        if await stage.until_ready(played) is None:
            return AtLimit(*stage.so_far())
        load = await loading.find(played)
        try:
            async with _light_traffic(stage, played, load):
                reached.append(await _reach(stage, played, load, together=False))
                if not reached[0].recovered.restarts and reached[0].recovered.seconds is not None:
                    reached.append(await _reach(stage, played, load, together=True))
        except NotPermittedError:
            refused = True
        except HarnessError as error:
            untold = str(error)
    return AtLimit(*stage.so_far(), ready=True, refused=refused, untold=untold, reached=tuple(reached))


async def _reach(stage: Stage, played: Played, load: loading.Load | None, *, together: bool) -> Reached:
    name, port = played.subject.container.name, played.subject.port
    seen, restarts = await processes(played), played.pod.restarts(name)
    before, working = seen.names(), _working(seen, port)
    began = stage.mark("its memory limit is reached" + (", and all it runs is killed" if together else ""))
    limit_bytes = await _press(seen)
    with suppress(LimitExceededError):
        await eventually(lambda: not before.keys() <= set(seen.pids()), KILL_SECONDS, "a process is gone")
    if together:
        send(signal.SIGKILL, *seen.pids())
        await eventually(lambda: not seen.pids(), KILL_SECONDS, "all processes are gone")
    left = set(seen.pids())
    killed = tuple(f"{called} ({pid})" for pid, called in before.items() if pid not in left)
    if not killed:
        raise HarnessError(f"at {limit_bytes / MEBIBYTE:.0f} MiB the kernel killed none of the service's processes")

    def mended() -> bool:
        """Tell whether it is ready, and has been asked since, and as many processes listen as did."""
        asked = stage.subject.container.readiness is None or stage.timeline.first(
            Kind.ATTEMPT_SUCCEEDED, f"{name}/readiness", began
        )
        whole = played.pod.restarts(name) > restarts or _working(seen, port) >= working
        return played.pod.ready and bool(asked) and whole

    mending = await recovered(
        stage,
        played,
        load,
        began=began,
        condition=mended,
        limit_seconds=restart_seconds(stage.subject, restarts),
        restarts=restarts,
    )
    exits = stage.timeline.of(Kind.EXITED, subject=name, since=began)
    return Reached(limit_bytes, len(before), killed, together, tuple(each.detail for each in exits), mending)


def _working(seen: Processes, port: int | None) -> int:
    return len(seen.workers(port) if port else seen.pids()[:1])


async def _press(seen: Processes) -> int:
    """Have the limit reached, and return it; HarnessError when it cannot be, or nothing was killed."""
    group = seen.memory()
    limiting = group.limiting() if group else None
    limit_bytes = limiting.limit_bytes() if limiting else None
    if group is None or limiting is None or limit_bytes is None:
        raise HarnessError("the host shows no memory limit of the container")
    if (room := limiting.room_bytes()) < limit_bytes:
        raise HarnessError(
            f"the limit is {limit_bytes / MEBIBYTE:.0f} MiB, and the host has only {room / MEBIBYTE:.0f} MiB to spare"
        )
    seen.have_largest_killed()
    said = await _fill(group, limiting, limit_bytes)
    if said == "refused":
        raise NotPermittedError("the host does not let this user into the container's cgroup")
    if said == "full":
        raise HarnessError(f"nothing was killed at the limit of {limit_bytes / MEBIBYTE:.0f} MiB")
    return limit_bytes


async def _fill(group: MemoryGroup, limiting: MemoryGroup, most_bytes: int) -> str:
    argv = (str(group.path), str(limiting.path), str(most_bytes))
    program = Path(pressure.__file__)
    completed = await Command((sys.executable, "-I", str(program), *argv), pressure.SECONDS + KILL_SECONDS).run()
    if completed.returncode == -signal.SIGKILL:  # the kernel's second choice
        return "killed"
    return completed.check().stdout.strip()


@asynccontextmanager
async def _light_traffic(stage: Stage, played: Played, load: loading.Load | None) -> AsyncIterator[None]:
    if load is None:
        yield
        return
    traffic = Traffic(played.port, [NewConnection(lambda: load.quick, LIGHT_RATE)])
    try:
        async with traffic:
            yield
    finally:
        stage.requests += traffic.outcomes


def _inapplicable(subject: Subject) -> str | None:
    if subject.template.restart_policy == "Never":
        return "restartPolicy Never"
    return None if subject.declared.limit("memory") else "it has no memory limit"


MEMORY = Scenario(
    name="memory",
    sentence="Its memory limit is reached, and what the kernel kills is seen replaced.",
    run=run,
    claims=CLAIMS,
    seconds=lambda subject: 3 * start_seconds(subject),
    inapplicable=_inapplicable,
)
