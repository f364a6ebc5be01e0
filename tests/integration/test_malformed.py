"""Malformed requests on real sockets: each has a 4xx or a closed connection, and the service stays ready.

One process serves all: what one request breaks, the next one notices.
"""

from pathlib import Path

from tests.integration.raw import LIVE, connection
from tests.integration.service import migrated, running

NOTES = b"/api/v1/notes"
POST = b"POST " + NOTES + b" HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def get(target: bytes = b"/health/live", headers: bytes = b"") -> bytes:
    """Return a request's bytes."""
    return b"GET " + target + b" HTTP/1.1\r\nHost: test\r\n" + headers + b"\r\n"


BAD_REQUEST = {
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
    "no version": (200, b"GET /health/live\r\n\r\n"),  # HTTP/0.9
    "asterisk for a target": (404, b"OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n"),
    "no such path": (404, get(b"/nowhere")),
    "absolute form": (200, get(b"http://elsewhere.example/health/live")),
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
    "nested without end": (400, POST + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000),
    "trailers": (422, CHUNKED + b"2\r\n{}\r\n0\r\nX-Request-ID: y\r\n\r\n"),
}


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


async def test_requests_on_one_connection_are_answered_in_order(tmp_path: Path) -> None:
    """Limits do not stand in the way of a client that pipelines."""
    async with running(tmp_path, "serve", APP_MAX_HEADER_BYTES="256") as service:
        await service.until_ready()
        async with connection(service) as raw:
            await raw.send(b"".join(get(b"/nowhere", b"X-Request-ID: r%d\r\n" % n) for n in range(200)))
            answers = [await raw.answer() for _ in range(200)]
    assert [answer and answer.headers["x-request-id"] for answer in answers] == [f"r{n}" for n in range(200)]
