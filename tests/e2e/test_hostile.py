"""Requests that are made to cost much, within the limits of the pod: none costs a worker or a probe."""

import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path

from seatrial.manifests.kustomize import render
from seatrial.runtime import Runtime
from seatrial.timeline import Kind
from seatrial.traffic.clients import NewConnection
from seatrial.traffic.exchange import Request
from seatrial.waiting import eventually
from tests.e2e import inside, notes
from tests.e2e.objects import service_pod_spec

LIMIT_SECONDS = 120.0
BYTES = 1_040_000  # below the longest body that is read
REQUESTS = 400


def filled(opening: bytes, piece: Callable[[int], bytes], closing: bytes, separator: bytes = b",") -> bytes:
    """Return a body of BYTES."""
    pieces: list[bytes] = []
    size = len(opening) + len(closing)
    for number in itertools.count():
        each = piece(number)
        size += len(each) + len(separator)
        if size > BYTES:
            return opening + separator.join(pieces) + closing
        pieces.append(each)
    raise AssertionError


BODIES = (
    filled(b"{", lambda number: b'"%x":0' % number, b"}"),
    filled(b"[", lambda _: b"{}", b"]"),
    filled(b'{"title":[', lambda _: b"0", b"]}"),
    filled(b"", lambda _: b"[", b"", b""),
    filled(b"", lambda _: b'{"a":', b"", b""),
    filled(b'{"title":"', lambda _: b"\\u0000", b'"}', b""),
    filled(b'{"title":"', lambda _: "\N{PILE OF POO}".encode(), b'"}', b""),
    filled(b'{"', lambda _: "\N{PILE OF POO}".encode(), b'":0}', b""),
    filled(b'{"title":', lambda _: b"9", b"}", b""),
    filled(b'{"title":0.', lambda _: b"9", b"}", b""),
    filled(b"", lambda _: b'"', b"", b""),
    filled(b"", lambda _: b"\\", b"", b""),
    b"{" + b",".join(b'"%x":0' % number for number in range(4900)) + b"}",
    json.dumps([{"title": "x" * 100}] * 2000).encode("utf-16"),
)
HEADS = (
    Request(notes.NOTES + "?" + "&".join(f"a{number}=1" for number in range(2000))),
    Request(notes.NOTES + "/" + "9" * 15_000),
    Request(notes.NOTES + "/1", "DELETE", (("if-match", ", ".join(f'"{number}"' for number in range(2000))),)),
    Request(notes.NOTES + "?cursor=" + "A" * 15_000),
)


async def test_costly_requests_cost_no_worker_and_no_probe(runtime: Runtime, overlay: Path) -> None:
    """Many at once of all kinds, in the pod's own memory: the same workers live on, probes and requests succeed."""
    objects = await render(overlay)
    service_pod_spec(objects)["containers"][0]["livenessProbe"].update(periodSeconds=1, timeoutSeconds=2)
    bodies = [Request(notes.NOTES, "POST", notes.JSON, body) for body in BODIES]
    chosen = random.Random(1)  # noqa: S311 - the same each time
    sent = itertools.count()

    def hostile() -> Request:
        next(sent)
        return chosen.choice([*bodies, *HEADS])

    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        before = await inside.workers(deployment)
        clients = [NewConnection(hostile, rate=20), NewConnection(hostile, rate=5, body_seconds=3)]
        async with deployment.traffic(notes.PORT, clients) as traffic:
            await eventually(lambda: len(traffic.outcomes) >= REQUESTS, LIMIT_SECONDS, f"{REQUESTS} outcomes")
        statuses = {outcome.status for outcome in traffic.outcomes}
        assert {413, 422} <= statuses
        assert 500 not in statuses
        assert await inside.workers(deployment) == before
        assert deployment.pod.restarts(deployment.pod.template.containers[0].name) == 0
        assert not deployment.timeline.of(Kind.UNHEALTHY, Kind.EXITED)
        after = await deployment.hold(deployment.pod, notes.PORT, notes.FIXED, for_seconds=0)
        assert after.status == 201
