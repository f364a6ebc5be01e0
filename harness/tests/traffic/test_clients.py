"""The load generator against servers that misbehave on purpose: every kind of outcome is told from the others."""

import asyncio
from collections.abc import Callable

import pytest

from harness.tests.servers import Behaviour, answer, never_answer, read_request, reset, serving
from seatrial.host.ports import HOST, free_port
from seatrial.traffic.clients import KeepAlive, NewConnection, Traffic, hold
from seatrial.traffic.exchange import Connection, Failure, Outcome, Request
from seatrial.waiting import eventually

GET = Request("/")


async def well(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request."""
    while True:
        await read_request(reader)
        writer.write(answer())


async def reset_mid_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send half an answer, then RST."""
    await read_request(reader)
    writer.write(answer(body=b"x" * 100)[:-50])
    await writer.drain()
    reset(writer)


async def close_mid_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send half an answer, then close."""
    await read_request(reader)
    writer.write(answer(body=b"x" * 100)[:-50])


async def close_unanswered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:  # noqa: ARG001 - a behaviour
    """Read a request and close."""
    await read_request(reader)


async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with what is not HTTP."""
    await read_request(reader)
    writer.write(b"220 mail.example.org ready\r\n\r\n")


async def fail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request with 503."""
    while True:
        await read_request(reader)
        writer.write(answer(503))


async def once(port: int, timeout_seconds: float = 5.0) -> Outcome:
    """Return the outcome of one request on a new connection."""
    connection = Connection(HOST, port)
    try:
        return await connection.exchange(GET, client="test", timeout_seconds=timeout_seconds)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        (reset_mid_answer, Failure.RESET),
        (close_mid_answer, Failure.BAD_ANSWER),
        (close_unanswered, Failure.CLOSED),
        (nonsense, Failure.BAD_ANSWER),
    ],
)
async def test_exchange_tells_how_a_request_failed(behaviour: Behaviour, failure: Failure) -> None:
    """Each way in which a server can let a request down has its own name."""
    async with serving(behaviour) as port:
        outcome = await once(port)
    assert (outcome.failure, outcome.ok) == (failure, False)
    assert outcome.detail


async def test_exchange_is_refused_when_nobody_listens() -> None:
    """No listener is `refused`, not a reset."""
    assert (await once(free_port())).failure is Failure.REFUSED


async def test_exchange_puts_an_ipv6_address_into_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers refuse a Host that has colons without them."""
    heard = asyncio.Queue[bytes]()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    open_connection = asyncio.open_connection
    monkeypatch.setattr(asyncio, "open_connection", lambda _, port: open_connection(HOST, port))
    async with serving(hear) as port:
        await Connection("fd00::1", port).exchange(Request("/"), client="x", timeout_seconds=5.0)
        assert f"host: [fd00::1]:{port}\r\n".encode() in (await heard.get()).lower()


async def test_exchange_times_out_when_no_answer_comes() -> None:
    """An answer that does not come in time is `timeout`, and the request took as long."""
    async with serving(never_answer) as port:
        outcome = await once(port, timeout_seconds=0.2)
    assert outcome.failure is Failure.TIMEOUT
    assert outcome.ended_at - outcome.sent_at >= 0.2


async def test_exchange_with_an_error_status_is_no_failure_but_not_ok() -> None:
    """A 503 is an answer, and it is not what the client wanted."""
    async with serving(fail) as port:
        outcome = await once(port)
    assert (outcome.failure, outcome.status, outcome.ok) == (None, 503, False)


async def test_keep_alive_reuses_connections_when_the_server_keeps_them() -> None:
    """All but the first request of each connection go over a used one, at the rate."""
    async with serving(well) as port, Traffic(port, [KeepAlive(lambda: GET, rate=200, connections=2)]) as traffic:
        await eventually(lambda: len(traffic.outcomes) >= 40, 10, "40 requests are answered")
    assert not traffic.failed()
    assert sum(not outcome.reused for outcome in traffic.outcomes) == 2


@pytest.mark.parametrize("said", ["close", "Keep-Alive, Close"])
async def test_keep_alive_opens_anew_when_told_to_close(said: str) -> None:
    """After `Connection: close` the next request has a new connection and no failure."""

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer(headers=f"Connection: {said}\r\n"))
        await reader.read()  # the client has to close, as it was told

    async with serving(closing) as port, Traffic(port, [KeepAlive(lambda: GET, rate=100, connections=1)]) as traffic:
        await eventually(lambda: len(traffic.outcomes) >= 5, 10, "5 requests are answered")
    assert not traffic.failed()
    assert all(outcome.closing and not outcome.reused for outcome in traffic.outcomes)


async def test_keep_alive_counts_apart_a_connection_closed_under_its_request() -> None:
    """A server that closes a kept connection on the next request is told from one that never answers."""

    async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer())
        await read_request(reader)

    async with serving(one_answer) as port, Traffic(port, [KeepAlive(lambda: GET, rate=50, connections=1)]) as traffic:
        await eventually(lambda: len(traffic.outcomes) >= 4, 10, "4 requests have an outcome")
    assert [outcome.failure for outcome in traffic.outcomes[:4]] == [None, Failure.CLOSED_REUSED] * 2


async def test_keep_alive_opens_anew_when_the_server_closed_an_idle_connection() -> None:
    """A connection that was closed between two requests costs none of them."""

    async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer())

    async with serving(one_answer) as port, Traffic(port, [KeepAlive(lambda: GET, rate=10, connections=1)]) as traffic:
        await eventually(lambda: len(traffic.outcomes) >= 4, 10, "4 requests have an outcome")
    assert not traffic.failed()


async def test_new_connection_never_reuses_one() -> None:
    """Every request has its own connection."""
    async with serving(well) as port, Traffic(port, [NewConnection(lambda: GET, rate=100)]) as traffic:
        await eventually(lambda: len(traffic.outcomes) >= 10, 10, "10 requests are answered")
    assert not traffic.failed()
    assert not any(outcome.reused for outcome in traffic.outcomes)


async def test_slow_request_sends_its_body_in_pieces() -> None:
    """The body arrives bit by bit, and in full."""
    pieces: list[bytes] = []

    async def collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        while sum(map(len, pieces)) < 100:
            pieces.append(await reader.read(100))
        writer.write(answer(201))

    async with serving(collect) as port:
        outcome = await hold(port, Request("/", "POST", body=b"x" * 100), for_seconds=0.5)
    assert (outcome.status, outcome.ok) == (201, True)
    assert len(pieces) > 1
    assert outcome.ended_at - outcome.sent_at >= 0.5


async def test_traffic_lets_requests_in_flight_finish_when_it_stops() -> None:
    """Stopping begins no request and cuts none off."""
    arrived, release = asyncio.Event(), asyncio.Event()

    async def held(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        arrived.set()
        await release.wait()
        writer.write(answer())
        await reader.read()

    async with serving(held) as port, Traffic(port, [NewConnection(lambda: GET, rate=1)]) as traffic:
        await arrived.wait()
        stopped = asyncio.create_task(traffic.stop())
        await asyncio.sleep(0)
        assert not stopped.done()
        release.set()
        await stopped
        assert [outcome.ok for outcome in traffic.outcomes] == [True]


async def test_traffic_stops_at_once_after_an_error() -> None:
    """An error in the test is not kept waiting by requests that get no answer."""

    async def failing(port: int) -> None:
        async with Traffic(port, [NewConnection(lambda: GET, rate=10)], timeout_seconds=600):
            raise ValueError

    async with serving(never_answer) as port, asyncio.timeout(10):
        with pytest.raises(ValueError, match=r"^$"):
            await failing(port)


@pytest.mark.parametrize("client", [KeepAlive, NewConnection])
async def test_traffic_sums_up_what_happened(client: Callable[..., KeepAlive | NewConnection]) -> None:
    """The summary counts outcomes by client and shows the first failures."""
    async with serving(fail) as port, Traffic(port, [client(lambda: GET, rate=100)]) as traffic:
        await eventually(lambda: len(traffic.outcomes) >= 3, 10, "3 requests are answered")
    summary = str(traffic)
    assert summary.startswith(f"{len(traffic.outcomes)} requests, {len(traffic.outcomes)} failed")
    assert "503" in summary
