"""Traffic on a server, from the server itself: its ports are on the loopback address. `python -m tests.server.load`.

It sends until its input ends, and then prints what became of every request, as JSON.
"""

import argparse
import asyncio
import itertools
import json
import secrets
import sys
import time
from collections import Counter

from seatrial.traffic.clients import Client, KeepAlive, NewConnection, Traffic
from seatrial.traffic.exchange import Request
from tests.e2e import notes

TIMEOUT_SECONDS = 20.0
RUN = secrets.token_hex(4)
SHOWN = 5


_numbers = itertools.count()


def write() -> Request:
    """Return a request that writes what no other run does."""
    body = {"title": f"{RUN} {next(_numbers)}", "body": "x" * 200}
    return Request(notes.NOTES, "POST", notes.JSON, json.dumps(body).encode())


def mixed(rate: float) -> list[Client]:
    """Return clients that together send so many requests/s: half kept-alive reads, new connections, slow uploads."""
    return [
        KeepAlive(notes.read, rate=rate * 0.50, connections=16),
        KeepAlive(write, rate=rate * 0.10, connections=3, name="keep-alive write"),
        NewConnection(notes.read, rate=rate * 0.35),
        NewConnection(write, rate=rate * 0.05, body_seconds=3.0, name="slow upload"),
    ]


async def load(port: int, rate: float) -> dict[str, object]:
    """Send until the input ends; return how many requests were sent and failed, how, and at which rate."""
    began = time.monotonic()
    async with Traffic(port, mixed(rate), timeout_seconds=TIMEOUT_SECONDS) as traffic:
        print("sending", flush=True)  # noqa: T201 - whoever started it waits for this
        await asyncio.to_thread(sys.stdin.read)
        seconds = time.monotonic() - began
    failed = traffic.failed()
    return {
        "sent": len(traffic.outcomes),
        "failed": len(failed),
        "rate": len(traffic.outcomes) / seconds,
        "clients": Counter(outcome.client for outcome in traffic.outcomes),
        "failures": Counter(str(outcome.failure or outcome.status) for outcome in failed),
        "slowest_seconds": max((outcome.ended_at - outcome.sent_at for outcome in traffic.outcomes), default=0.0),
        "first": [f"{outcome.sent_at - began:.2f} s: {outcome}" for outcome in failed[:SHOWN]],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("rate", type=float, help="requests/s")
    arguments = parser.parse_args()
    print(json.dumps(asyncio.run(load(arguments.port, arguments.rate))))  # noqa: T201 - its result
