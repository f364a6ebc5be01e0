"""Malformed requests on real sockets: each has a 4xx or a closed connection, and the service stays ready.

One process serves all: what one request breaks, the next one notices.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.raw import LIVE, connection
from tests.integration.service import Service, migrated, running

NOTES = b"/api/v1/notes"
POST = b"POST " + NOTES + b" HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
UPGRADES = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
)


def get(target: bytes = b"/health/live", headers: bytes = b"") -> bytes:
    """Return a request's bytes."""
    return b"GET " + target + b" HTTP/1.1\r\nHost: test\r\n" + headers + b"\r\n"


BAD_REQUEST = {
    "no version": b"GET /health/live\r\n\r\n",  # HTTP/0.9
    "no Host": b"GET /health/live HTTP/1.1\r\n\r\n",
    "two Hosts": get(headers=b"Host: test\r\n"),
    "two Hosts in HTTP/1.0": b"GET /health/live HTTP/1.0\r\nHost: test\r\nHost: test\r\n\r\n",
    "empty Host": LIVE.replace(b"test", b""),
    "Host of a port alone": LIVE.replace(b"test", b":8000"),
    "space in the Host": LIVE.replace(b"test", b"te st"),
    "two names in the Host": LIVE.replace(b"test", b"test,elsewhere.example"),
    "path in the Host": LIVE.replace(b"test", b"test/x"),
    "user in the Host": LIVE.replace(b"test", b"user@test"),
    "Host with a port that is no number": LIVE.replace(b"test", b"test:http"),
    "Host with half a bracket": LIVE.replace(b"test", b"[::1"),
    "Host with brackets around no address": LIVE.replace(b"test", b"[:::1]"),
    "Host with raw bytes": LIVE.replace(b"test", b"t\xebst"),
    "absolute form without a Host": b"GET http://test/health/live HTTP/1.1\r\n\r\n",
    "absolute form without a name": get(b"http:///health/live"),
    "absolute form with a user": get(b"http://user@test/health/live"),
    "absolute form of another scheme": get(b"ftp://test/health/live"),
    "asterisk to get": get(b"*"),
    "chunks in HTTP/1.0": CHUNKED.replace(b"1.1", b"1.0") + b"2\r\n{}\r\n0\r\n\r\n",
    "a transfer coding before chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked twice": CHUNKED[:-2] + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "no HTTP": b"hello\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(64),
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version that is none": b"GET /health/live HTTP/x\r\n\r\n",
    "a version of the future": b"GET /health/live HTTP/9.9\r\nHost: test\r\n\r\n",
    "unknown method": b"BREW /pot HTTP/1.1\r\nHost: test\r\n\r\n",
    "method in lower case": b"get /health/live HTTP/1.1\r\nHost: test\r\n\r\n",
    "authority for a target": b"CONNECT example.com:443 HTTP/1.1\r\nHost: test\r\n\r\n",
    "no target": b"GET  HTTP/1.1\r\nHost: test\r\n\r\n",
    "relative target": get(b"health/live"),
    "space in the target": get(b"/health live"),
    "NUL in the target": get(b"/health/\x00live"),
    "raw bytes in the target": get(b"/health/\xff\xfe"),
    "header without a colon": get(headers=b"nonsense\r\n"),
    "header without a name": get(headers=b": x\r\n"),
    "space in a header's name": get(headers=b"X Y: z\r\n"),
    "space before the colon": get(headers=b"Content-Length : 5\r\n"),
    "NUL in a header": get(headers=b"X: \x00\r\n"),
    "CR in a header": get(headers=b"X: a\rb\r\n"),
    "folded header": get(headers=b"X: a\r\n b\r\n"),
    "contradicting lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "the same length twice": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "negative length": POST + b"Content-Length: -1\r\n\r\n",
    "length that is no number": POST + b"Content-Length: two\r\n\r\n{}",
    "length beyond 64 bits": POST + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "unknown transfer encoding": POST + b"Transfer-Encoding: rot13\r\n\r\n{}",
    "chunked not last": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n{}",
    "chunk without a size": CHUNKED + b"\r\n{}\r\n0\r\n\r\n",
    "chunk with a negative size": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "chunk longer than its size": CHUNKED + b"1\r\n{}\r\n0\r\n\r\n",
    "chunk beyond 64 bits": CHUNKED + b"fffffffffffffffff\r\n{}",
}
TOO_LARGE = {
    "huge header": get(headers=b"X: " + b"y" * 20_000 + b"\r\n"),
    "huge header without an end": get(headers=b"X: " + b"y" * 300_000)[:-2],
    "huge header's name": get(headers=b"X" * 20_000 + b": y\r\n"),
    "very long target": get(b"/" + b"x" * 20_000),
    "very long query": get(b"/health/live?" + b"x" * 20_000),
    "many headers": get(headers=b"".join(b"X-%d: y\r\n" % n for n in range(100))),
    "many headers that are large": get(headers=(b"X: " + b"y" * 500 + b"\r\n") * 50),
    "huge trailer": CHUNKED + b"2\r\n{}\r\n0\r\nX: " + b"y" * 300_000,
    "many trailers": CHUNKED + b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 60_000,
    "huge chunk extension": CHUNKED + b"2;x=" + b"y" * 300_000,
}
ROUTED = {
    "HTTP/1.0 without a Host": (200, b"GET /health/live HTTP/1.0\r\n\r\n"),
    "Host with a port": (200, LIVE.replace(b"test", b"test:8000")),
    "Host with a trailing dot": (200, LIVE.replace(b"test", b"test.example.")),
    "Host with an underscore": (200, LIVE.replace(b"test", b"my_service")),
    "Host that is an address": (200, LIVE.replace(b"test", b"10.1.2.3:8000")),
    "Host that is an IPv6 address": (200, LIVE.replace(b"test", b"[::1]:8000")),
    "asterisk for a target": (404, b"OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n"),
    "no such path": (404, get(b"/nowhere")),
    "absolute form": (200, get(b"http://elsewhere.example/health/live")),
    "absolute form, https and a query": (200, get(b"HTTPS://elsewhere.example:443/health/live?x")),
    "absolute form without a path": (404, get(b"http://elsewhere.example")),
    "absolute form without a path, with a query": (404, get(b"http://elsewhere.example?/health/live")),
    "bytes that are no UTF-8": (404, get(b"/health/%ff%fe")),
    "NUL, encoded": (404, get(b"/health/live%00")),
    "half an escape": (404, get(b"/health/live%")),
    "an escape that is none": (404, get(b"/health/%zz")),
    "an escaped slash": (200, get(b"/health%2flive")),
    "bytes that are no UTF-8, in an id": (422, get(NOTES + b"/%ff")),
    "bytes that are no UTF-8, in a query": (400, get(NOTES + b"?cursor=%ff")),
    "NUL in a query": (400, get(NOTES + b"?cursor=%00")),
    "id beyond 64 bits": (422, get(NOTES + b"/99999999999999999999")),
    "id of 4000 digits": (422, get(NOTES + b"/" + b"9" * 4000)),
    "path that climbs": (404, get(b"/../../etc/passwd")),
    "method that the path has not": (405, b"PROPFIND " + NOTES + b" HTTP/1.1\r\nHost: test\r\n\r\n"),
    "bytes in a tag": (404, get(NOTES + b"/1", b'If-None-Match: "\xff"\r\n')),
    "bytes for a tag": (404, get(NOTES + b"/1", b"If-None-Match: \xff\r\n")),
    "upgrade to WebSocket": (200, get(headers=b"Connection: Upgrade\r\nUpgrade: websocket\r\n")),
    "upgrade to HTTP/2": (200, get(headers=b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n")),
    "body that is no JSON": (422, POST + b"Content-Length: 1\r\n\r\n{"),
    "body that is no UTF-8": (422, POST + b"Content-Length: 2\r\n\r\n\xff\xfe"),
    "surrogates in JSON": (422, POST + b'Content-Length: 18\r\n\r\n{"title":"\\ud800"}'),
    "surrogates in a key": (422, POST + b'Content-Length: 22\r\n\r\n{"title":1,"\\udc00":1}'),
    "no number in JSON": (422, POST + b'Content-Length: 13\r\n\r\n{"title":NaN}'),
    "nested without end": (413, POST + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000),
    "trailers": (422, CHUNKED + b"2\r\n{}\r\n0\r\nX-Request-ID: y\r\n\r\n"),
}


@pytest.fixture(scope="module")
async def upgradable(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """Yield a service that is ready."""
    directory = tmp_path_factory.mktemp("upgradable")
    await migrated(directory)
    async with running(directory, "serve") as started:
        await started.until_ready()
        yield started


async def test_malformed_requests_are_refused_and_harm_nobody(tmp_path: Path) -> None:
    """Each has its status as a problem, or (for a client that still sends) a closed connection; the next is served."""
    cases = {name: (400, data) for name, data in BAD_REQUEST.items()}
    cases |= {name: (431, data) for name, data in TOO_LARGE.items()}
    cases |= ROUTED
    wrong = []
    await migrated(tmp_path)
    async with running(tmp_path, "serve", APP_REQUEST_TIMEOUT_SECONDS="3", APP_HEADER_TIMEOUT_SECONDS="3") as service:
        await service.until_ready()
        for name, (status, data) in cases.items():
            async with connection(service) as raw:
                await raw.send(data)
                answer = await raw.answer()
            if answer is None or answer.status != status:
                wrong.append(f"{name}: {answer and answer.status}, must be {status}")
            elif status != 200:
                answer.problem()
        await service.until_ready()
        assert not wrong, "\n".join(wrong)
        assert service.printed("Traceback") == 0


async def test_garbage_behind_a_request_does_not_cost_it_its_answer(tmp_path: Path) -> None:
    """Of requests sent at once, those that were understood are answered, in their order, before the connection ends."""
    async with running(tmp_path, "serve") as service:
        await service.until_ready()
        async with connection(service) as raw:
            await raw.send(LIVE * 3 + b"hello\r\n\r\n")
            received = await raw.until_closed()
    assert received.count(b"HTTP/1.1 200") == 3
    assert received.count(b"HTTP/1.1") == 3


@pytest.mark.parametrize("pieces", [1, 2, 1000], ids=["in one segment", "head and rest", "a byte at a time"])
@pytest.mark.parametrize("upgrade", UPGRADES, ids=["HTTP/2, as the JDK asks", "WebSocket"])
@pytest.mark.parametrize("chunked", [False, True], ids=["by its length", "in chunks"])
async def test_body_of_a_request_that_asks_for_another_protocol_is_its_body(
    upgradable: Service, upgrade: bytes, pieces: int, *, chunked: bool
) -> None:
    """Such a request is answered as HTTP/1.1 (RFC 9110, 7.8): no part of its body is ever read as the next request."""
    body = get(b"/smuggled")  # no JSON, hence 422
    if chunked:
        framing, rest = b"Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    else:
        framing, rest = b"Content-Length: %d" % len(body), body
    head = POST + framing + b"\r\n" + upgrade + b"\r\n"
    sent = {1: [head + rest + LIVE], 2: [head, rest, LIVE]}.get(pieces) or [
        bytes((byte,)) for byte in head + rest + LIVE
    ]
    async with connection(upgradable) as raw:
        for piece in sent:
            await raw.send(piece)
            await asyncio.sleep(0)
        answers = [await raw.answer(), await raw.answer()]
    assert [answer and answer.status for answer in answers] == [422, 200]
    await upgradable.until_ready()
    paths = [line["path"] for line in upgradable.events() if line["event"] == "request"]
    assert NOTES.decode() in paths
    assert "/smuggled" not in paths


async def test_host_of_a_target_in_absolute_form_is_the_one_that_counts(tmp_path: Path) -> None:
    """It takes the place of Host (RFC 9112, 3.2.2): so no other host passes for a trusted one, by either of the two."""
    await migrated(tmp_path)
    async with running(tmp_path, "serve", APP_TRUSTED_HOSTS="api.example") as service:
        await service.until_ready()
        for target, host, status in (
            (b"/api/v1/notes", b"api.example", 200),
            (b"http://api.example:8000/api/v1/notes", b"elsewhere.example", 200),
            (b"http://elsewhere.example/api/v1/notes", b"api.example", 400),
            (b"/api/v1/notes", b"elsewhere.example", 400),
        ):
            async with connection(service) as raw:
                await raw.send(b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (target, host))
                answer = await raw.answer()
            assert answer
            assert answer.status == status, (target, host)


async def test_requests_on_one_connection_are_answered_in_order(tmp_path: Path) -> None:
    """Limits do not stand in the way of a client that pipelines."""
    async with running(tmp_path, "serve", APP_MAX_HEADER_BYTES="256") as service:
        await service.until_ready()
        async with connection(service) as raw:
            await raw.send(b"".join(get(b"/nowhere", b"X-Request-ID: r%d\r\n" % n) for n in range(200)))
            answers = [await raw.answer() for _ in range(200)]
    assert [answer and answer.headers["x-request-id"] for answer in answers] == [f"r{n}" for n in range(200)]
