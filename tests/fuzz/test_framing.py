"""The framing of requests against a second parser, h11: what is one message for one must not be two for the other.

The same bytes each time; FUZZ_EXAMPLES=100000 tries that many, and other ones each time.
"""

import asyncio
import os
from dataclasses import dataclass, field
from typing import Any

import h11
import hypothesis
import uvicorn
from hypothesis import strategies as st
from uvicorn.server import ServerState

from app.serving.protocol import LimitedProtocol
from tests.serving import parts
from tests.settings import settings_of

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
SETTINGS = settings_of()

# Each list has what is right first.
VERSIONS = b"HTTP/1.1|HTTP/1.0|HTTP/0.9|HTTP/2.0|http/1.1|".split(b"|")
METHODS = b"POST|GET|DELETE|OPTIONS|HEAD|CONNECT|PRI|QUERY".split(b"|")
TARGETS = b"/|http://test/a|http://other|*|test:80|/a b|//a|/%0d%0a|a".split(b"|")
LENGTHS = (
    b"5|3|0|05|+5|-5|5 | 5|5\t|5,5|5, 5|3,5|0x5|5_0||five|5;|99999999999999999999|18446744073709551621|\x0b5|5\0|\xb25"
).split(b"|")
CODINGS = (
    b"chunked|Chunked|chunked |\tchunked|chunked\t|\x0bchunked|identity|gzip, chunked|chunked, identity|chunked,"
    b'|chunked, chunked|,chunked|xchunked|chunkedx||"chunked"|chunked;q=1|chun\r\n ked|\r\n chunked|chunked\r\n '
    b"|chunked\0"
).split(b"|")
CONNECTIONS = b"Upgrade|upgrade, HTTP2-Settings|close|keep-alive|close, upgrade|".split(b"|")
COLONS = b": |:| : |\t: |:\t|:\r\n |\r\n: |\0: ".split(b"|")
ENDS = b"\r\n|\n|\r|\r\r\n|\r\n |\r\n\t| \r\n".split(b"|")
NAMES = b"Content-Length|Transfer-Encoding|Upgrade|Connection|Host|Expect|X|TE|Content_Length".split(b"|")
VALUES = {
    b"Content-Length": LENGTHS,
    b"Content_Length": LENGTHS,
    b"Transfer-Encoding": CODINGS,
    b"TE": CODINGS,
    b"Connection": CONNECTIONS,
    b"Upgrade": b"h2c\r\nConnection: Upgrade|websocket\r\nConnection: keep-alive, upgrade|h2c|".split(b"|"),
    b"Host": b"test|other||a b".split(b"|"),
    b"Expect": [b"100-continue"],
    b"X": b"y||y\r\n z|\xff".split(b"|"),
}
INNER = b"GET /inner HTTP/1.1\r\nHost: test\r\n\r\n"
CHUNKS = (
    b"3\r\nabc\r\n0\r\n\r\n|0\r\n\r\n|3\r\nabc\r\n0\r\nX: y\r\n\r\n|3;x=y\r\nabc\r\n0;z\r\n\r\n|3 \r\nabc\r\n0\r\n\r\n"
    b'|3;x="\r\n0\r\n\r\n"\r\nabc\r\n0\r\n\r\n|3\nabc\n0\n\n|3\r\nabc\n0\r\n\r\n|03\r\nabc\r\n00\r\n\r\n'
    b"|0x3\r\nabc\r\n0\r\n\r\n|3\r\nabc0\r\n\r\n|3\r\nabcX\r\n0\r\n\r\n|3;\rx\r\nabc\r\n0\r\n\r\n"
    b"|3;\nx\r\nabc\r\n0\r\n\r\n|3;\0\r\nabc\r\n0\r\n\r\n|-3\r\nabc\r\n0\r\n\r\n|10000000000000003\r\nabc\r\n0\r\n\r\n"
    b"|3\r\nabc\r\n0\r\nX: y\n\r\n"
    b"|0\r\nContent-Length: 5\r\n\r\n|0\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"|0\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
).split(b"|")
SPOILERS = b"\r|\n|\r\n| |\t|\0|\x0b|:|;|,|0|5|a|\xff|\x7f".split(b"|")


def mostly(choices: list[bytes]) -> st.SearchStrategy[bytes]:
    """Return the first of `choices` mostly: wrong in every place, a request is refused before it matters."""
    return st.integers(0, 19).flatmap(lambda n: st.sampled_from(choices) if n == 19 else st.just(choices[0]))


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Return the bytes of one request, right or wrong."""
    line = draw(mostly(METHODS)), draw(mostly(TARGETS)), draw(mostly(VERSIONS))
    head = b" ".join(line) + draw(mostly(ENDS))
    if draw(st.integers(0, 19)):
        head += b"Host: test\r\n"
    names = draw(st.lists(st.sampled_from(NAMES), max_size=4))
    for name in names:
        head += name + draw(mostly(COLONS)) + draw(st.sampled_from(VALUES[name])) + draw(mostly(ENDS))
    bodies = [b"abcde", b"abc", b"", INNER, b"\r\n"]
    body = st.sampled_from(CHUNKS if b"Transfer-Encoding" in names else bodies) | st.sampled_from(CHUNKS + bodies)
    return head + draw(mostly(ENDS)) + draw(body)


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Return what a client sends on one connection, in the pieces in which it comes."""
    data = b"".join(draw(st.lists(requests(), min_size=1, max_size=3))) + draw(st.sampled_from((b"", INNER, INNER * 2)))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(st.sampled_from(SPOILERS)) + data[place + draw(st.integers(0, 1)) :]
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=4)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@dataclass
class Reading:
    """How a parser has read a stream: its whole messages, and what it has of one that it expects to go on."""

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    begun: bool = False


class Transport(asyncio.Transport):
    """One that leads nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Forget it."""

    def close(self) -> None:
        """Take note that nothing is answered any more."""
        self.closed = True

    write_eof = abort = close

    def is_closing(self) -> bool:
        """Return whether it was closed."""
        return self.closed

    def get_write_buffer_size(self) -> int:
        """Nothing."""
        return 0

    def pause_reading(self) -> None:
        """Need not."""

    def resume_reading(self) -> None:
        """Need not."""


async def read_by_service(pieces: list[bytes]) -> Reading:
    """Return what the service makes of a stream."""
    reading = Reading()

    async def record(scope: Any, receive: Any, send: Any) -> None:
        reading.begun = True
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            more = message["more_body"]
        reading.messages.append((scope["method"], body))
        reading.begun = False
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    config = uvicorn.Config(record, lifespan="off", ws="none", log_config=None)
    state = ServerState()
    connection = LimitedProtocol(config=config, server_state=state, app_state={}, **parts(SETTINGS))
    transport = Transport()
    connection.connection_made(transport)
    for piece in pieces:
        connection.data_received(piece)
        for _ in range(10):
            await asyncio.sleep(0)
    if transport.closed:
        reading.begun = False
    connection.connection_lost(None)
    while state.tasks:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0)
    return reading


def read_by_h11(pieces: list[bytes]) -> Reading:
    """Return what h11 makes of it."""
    reading = Reading()
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(b"".join(pieces))
    method, body = "", b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                method, body = event.method.decode(), b""
                reading.begun = True
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                reading.messages.append((method, body))
                reading.begun = False
                connection.send(h11.Response(status_code=404, headers=[]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return reading
                connection.start_next_cycle()
            else:
                return reading
    except h11.RemoteProtocolError:
        reading.begun = False
    return reading


def disagree(one: Reading, other: Reading) -> bool:
    """Return whether two readings differ by more than that one was refused, or ended, before the other."""
    both = min(len(one.messages), len(other.messages))
    if one.messages[:both] != other.messages[:both]:
        return True
    shorter, longer = sorted((one, other), key=lambda reading: len(reading.messages))
    return shorter.begun and len(longer.messages) > both


@hypothesis.settings(
    max_examples=int(EXAMPLES or 1000),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
@hypothesis.given(streams())
def test_no_stream_is_read_as_other_messages_than_h11_reads(pieces: list[bytes]) -> None:
    """A refusal by either is fine; another number or extent of messages is how requests are smuggled."""
    ours, theirs = asyncio.run(read_by_service(pieces)), read_by_h11(pieces)
    assert not disagree(ours, theirs), f"{b''.join(pieces)!r}: {ours}, h11: {theirs}"
