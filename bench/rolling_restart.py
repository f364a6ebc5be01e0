"""Two instances, restarted in turn behind a client that takes turns: how many of its requests fail."""

from contextlib import AsyncExitStack

from bench.contenders import HELLO, SERVICE, TUTORIAL, Contender
from bench.effort import Effort
from bench.process import serving
from bench.round_robin import RoundRobin, readiness_of
from bench.rounds import spread
from bench.rows import Row, at_most
from seatrial.traffic.clients import Traffic
from seatrial.traffic.exchange import Request
from seatrial.waiting import eventually

INSTANCES = 2
RATE = 300.0
PROBE_PERIOD_SECONDS = 1.0
# Three failed probes take 3 s, and one may just have begun: the proportions of the manifests, at half their length.
LAME_DUCK_SECONDS = 5.0
READY_LIMIT_SECONDS = 60.0


async def measure(effort: Effort) -> list[Row]:
    """Return the rows."""
    service = SERVICE.with_variables(APP_LAME_DUCK_SECONDS=str(LAME_DUCK_SECONDS))
    return [
        await _restart(service, effort.restarts, goal=True),
        await _restart(TUTORIAL, effort.restarts, goal=False),
    ]


async def _restart(contender: Contender, restarts: int, *, goal: bool) -> Row:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(serving(contender)) for _ in range(INSTANCES)]
        backends = [readiness_of(server.port, contender.ready_path, PROBE_PERIOD_SECONDS) for server in servers]
        async with Traffic(servers[0].port, [RoundRobin(backends, Request(HELLO), RATE)]) as traffic:
            for turn in range(restarts):
                await eventually(
                    lambda: all(backend.ready for backend in backends), READY_LIMIT_SECONDS, "all instances are ready"
                )
                server = servers[turn % INSTANCES]
                await server.terminate()
                await server.start()
            await eventually(
                lambda: all(backend.ready for backend in backends), READY_LIMIT_SECONDS, "all instances are ready"
            )
    failed, sent = len(traffic.failed()), len(traffic.outcomes)
    return Row(
        f"failed requests over {restarts} rolling restarts, {contender.name}",
        "",
        spread([failed]),
        at_most(0) if goal else None,
        f"of {sent}, at {RATE:g}/s over {INSTANCES} instances",
    )
