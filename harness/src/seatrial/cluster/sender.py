"""What runs in the client pod: traffic as it is told on stdin, and what became of every request on stdout.

Shipped by stdin with what it imports: the standard library, h11, and the harness's own traffic.
Each line is a JSON object. In: `{"id", "host", "port", "clients", "files", "timeout_seconds", "settle"}` begins
traffic, `{"id", "stop": true}` ends it. Out: `{"now"}` with every line, and of a traffic `flowing`, `outcomes`, then
`ended`, an error or nothing. Times are of this machine's time.monotonic().
"""

import asyncio
import base64
import io
import json
import pickle
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seatrial.traffic.clients import Traffic
from seatrial.traffic.exchange import Outcome

REPORT_SECONDS = 0.05
HELLOS = 5
HELLO_SECONDS = 15.0
SETTLED_CONNECTIONS = 20
SETTLE_PERIOD_SECONDS = 0.1
SETTLE_LIMIT_SECONDS = 60.0


def main(root: str) -> None:
    """Obey until stdin ends; `root` is the directory that shipped modules are written to."""
    asyncio.run(_obey(Path(root)))


async def _obey(root: Path) -> None:
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def read() -> None:
        # Unbuffered, for a buffer's lock would be held by this thread when the interpreter ends.
        with io.FileIO(0, closefd=False) as stdin:
            while line := stdin.readline():
                loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, b"")

    threading.Thread(target=read, daemon=True).start()
    for _ in range(HELLOS):
        _say({})
        await asyncio.sleep(REPORT_SECONDS)
    running: dict[str, asyncio.Event] = {}
    tasks = {asyncio.create_task(_keep_open())}
    while line := await lines.get():
        order = json.loads(line)
        if order.get("stop"):
            running[order["id"]].set()
            continue
        running[order["id"]] = asyncio.Event()
        tasks.add(asyncio.create_task(_send(root, order, running[order["id"]])))
    for task in tasks:
        task.cancel()


async def _keep_open() -> None:
    while True:  # balancers in front of API servers close what is silent for a minute
        await asyncio.sleep(HELLO_SECONDS)
        _say({})


async def _send(root: Path, order: dict[str, Any], stop: asyncio.Event) -> None:
    error = None
    try:
        for name, text in order["files"].items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        clients = pickle.loads(base64.b64decode(order["clients"]))  # noqa: S301 - the harness's own, by its own channel
        if order["settle"]:
            await _settled(order["host"], order["port"])
        traffic = Traffic(order["port"], clients, host=order["host"], timeout_seconds=order["timeout_seconds"])
        _say({"id": order["id"], "flowing": True})
        async with traffic:
            ended, stopping = asyncio.create_task(traffic.wait()), asyncio.create_task(stop.wait())
            told = 0
            while not ended.done():
                await asyncio.wait([ended], timeout=REPORT_SECONDS)
                if stopping.done():
                    traffic.stopping.set()
                new = traffic.outcomes[told:]
                told += len(new)
                if new:
                    _say({"id": order["id"], "outcomes": [_plain(outcome) for outcome in new]})
            stopping.cancel()
    except Exception as problem:  # noqa: BLE001 - whatever it is, the harness is told
        error = f"{type(problem).__name__}: {problem}"
    _say({"id": order["id"], "ended": error})


async def _settled(host: str, port: int) -> None:
    """Return when connections open, one after the other: rules for new pods take kube-proxy and policies a moment."""
    deadline, opened, last = time.monotonic() + SETTLE_LIMIT_SECONDS, 0, "nothing was tried"
    while opened < SETTLED_CONNECTIONS:
        try:
            async with asyncio.timeout(1.0):
                _, writer = await asyncio.open_connection(host, port)
                writer.close()
            opened += 1
        except (OSError, TimeoutError) as error:
            opened, last = 0, f"{type(error).__name__} {error}"
        if time.monotonic() > deadline:
            raise TimeoutError(f"{host}:{port} did not settle within {SETTLE_LIMIT_SECONDS:g} s; at last: {last}")
        await asyncio.sleep(SETTLE_PERIOD_SECONDS)


def _plain(outcome: Outcome) -> dict[str, Any]:
    return asdict(outcome)


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"now": time.monotonic(), **told}) + "\n")
    sys.stdout.flush()
