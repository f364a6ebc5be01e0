"""`make bench-server`: how many requests fail while a server's revision changes, by a rollout and by other ways.

The server is a container with systemd and podman on this machine; the load runs on it, too, so what it costs is shared.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from textwrap import shorten

from bench import machine as host
from bench import report
from bench.errors import BenchError
from bench.rounds import spread
from bench.rows import Goal, Row, at_most
from seatrial.errors import HarnessError
from seatrial.kubelet.deployment import new_run
from tests.server.machine import Machine, machine
from tests.server.machines import CRASHES, GOOD, NEVER_READY, archive, build_machine
from tests.server.server import Report, Server

RESULTS = report.RESULTS / "server"
RATE = 330.0
ROLLOUTS = 20
REBOOTS = 3
RELOADS = 20
RELOAD_SECONDS = 0.5
STEPS = ("starts", "waiting until", "is ready", "new requests go to", "starts at boot no longer", "ends, within")
UNITS = "/etc/containers/systemd/seatrial"
READY_LIMIT_SECONDS = 180.0
NOTE_CHARACTERS = 300
SETTLE_SECONDS = 2.0
"""Traffic before and after what is measured."""

Action = Callable[[Server], Awaitable[None]]


async def measure() -> AsyncGenerator[Row]:
    """Yield the rows as they come; one that cannot be measured says why."""
    async with _server() as server:
        for what, action, goal in CHANGES:
            try:
                yield await _failures(server, what, action, goal)
            except (BenchError, HarnessError, TimeoutError) as error:
                yield Row(f"failed requests: {what}", "", None, goal, shorten(str(error), NOTE_CHARACTERS))
                await server.seatrial("repair")
        yield await _reboots(server)


async def roll_out_often(server: Server) -> None:
    """Roll out one revision after the other."""
    for _ in range(ROLLOUTS):
        (await server.seatrial("rollout", GOOD)).check()


def roll_out_badly(image: str) -> Action:
    """Return a rollout that has to be rolled back by itself."""

    async def action(server: Server) -> None:
        if (await server.seatrial("rollout", image)).returncode != 1:
            raise BenchError(f"{image} was not rolled back")

    return action


async def kill_at_each_step(server: Server) -> None:
    """Kill the tool at each of its steps, and let the next run repair what it left."""
    for step in STEPS:
        (await server.killed_at(step, "rollout")).check()
        (await server.seatrial("repair")).check()


async def restart(server: Server) -> None:
    """Stop what is live and start it, as `systemctl restart` does."""
    await server.systemctl("restart", await server.live())
    await server.until_ready(READY_LIMIT_SECONDS)


async def replace(server: Server) -> None:
    """Replace a pod as podman does: the same YAML by `podman kube play --replace`, no unit about it."""
    await server.machine.ask(*_play("--replace"))
    await server.until_ready(READY_LIMIT_SECONDS)


async def reload_proxy(server: Server) -> None:
    """Reload nginx, which is how its upstreams are changed commonly; nothing else happens."""
    for _ in range(RELOADS):
        await server.machine.ask("podman", "kill", "--signal=HUP", "seatrial-proxy-pod-seatrial-proxy")
        await asyncio.sleep(RELOAD_SECONDS)


NONE = at_most(0)
CHANGES: tuple[tuple[str, Action, Goal | None], ...] = (
    (f"{ROLLOUTS} rollouts in a row", roll_out_often, NONE),
    ("a rollout of an image that crashes at its start", roll_out_badly(CRASHES), NONE),
    ("one `systemctl restart`: stop, then start", restart, None),
    (f"{RELOADS} reloads of nginx, which no rollout needs", reload_proxy, None),
    ("one `podman kube play --replace`", replace, None),
    (f"the tool killed at each of its {len(STEPS)} steps, and repaired", kill_at_each_step, NONE),
    ("a rollout of an image that is never ready", roll_out_badly(NEVER_READY), NONE),
)


@asynccontextmanager
async def _server() -> AsyncIterator[Server]:
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as directory:
        images = await archive(Path(directory) / "images.tar")
        async with machine(f"seatrial-bench-{new_run()}", await build_machine()) as made:
            await made.load_images(images)
            server = Server(made)
            (await server.seatrial("install", "kustomize/overlays/podman-blue-green")).check()
            yield server


async def _failures(server: Server, what: str, action: Action, goal: Goal | None) -> Row:
    if action is replace:
        await _without_units(server.machine)
    began = time.monotonic()
    async with server.traffic(RATE) as traffic:
        await asyncio.sleep(SETTLE_SECONDS)
        await action(server)
        await asyncio.sleep(SETTLE_SECONDS)
    if action is replace:
        await _with_units(server)
    return Row(f"failed requests: {what}", "", spread([traffic.failed]), goal, _note(traffic, time.monotonic() - began))


def _note(traffic: Report, seconds: float) -> str:
    found = traffic.found
    ways = ", ".join(f"{count} {way}" for way, count in found["failures"].items())
    said = (
        f"of {traffic.sent} in {seconds:.0f} s, at {found['rate']:.0f}/s, the slowest {found['slowest_seconds']:.1f} s"
    )
    return f"{said}: {ways}" if ways else said


async def _reboots(server: Server) -> Row:
    samples = []
    for _ in range(REBOOTS):
        await server.machine.lose_power()
        began = time.monotonic()
        await server.machine.power_on()
        await server.until_ready(READY_LIMIT_SECONDS)
        samples.append(time.monotonic() - began)
    return Row("power on to Ready by the proxy", "s", spread(samples), None, "of a container: no firmware, no kernel")


def _play(*options: str) -> tuple[str, ...]:
    network = "--network=seatrial:ip=10.89.117.11"
    return ("podman", "kube", "play", "--quiet", *options, network, f"{UNITS}/seatrial-blue.yaml")


async def _without_units(made: Machine) -> None:
    """Have blue live, and played by hand: a unit would be in the way of `--replace`."""
    server = Server(made)
    if await server.live() != "seatrial-blue":
        (await server.seatrial("rollback")).check()
    await server.systemctl("stop", "seatrial-blue")
    await made.ask(*_play())
    await server.until_ready(READY_LIMIT_SECONDS)


async def _with_units(server: Server) -> None:
    await server.machine.ask("podman", "kube", "down", f"{UNITS}/seatrial-blue.yaml")
    (await server.seatrial("repair")).check()
    await server.until_ready(READY_LIMIT_SECONDS)


async def bench() -> None:
    """Measure, and write the results, with each row anew: a quarter of an hour is long."""
    described = await host.describe()
    described["cores"] = "the server, its load and all else on both"
    del described["wrk"]
    rows: list[Row] = []
    async with aclosing(measure()) as measured:
        async for row in measured:
            rows.append(row)
            print(f"{report.line(row)} ({row.note})", flush=True)  # noqa: T201 - a command line
            report.write(rows, described, RESULTS, command="make bench-server")


def main() -> int:
    """Run and return the exit code: a missed goal is a result, not a failure."""
    try:
        asyncio.run(bench())
    except (BenchError, HarnessError) as error:
        print(f"bench: {error}", file=sys.stderr)  # noqa: T201 - a command line
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
