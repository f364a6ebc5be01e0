"""Attempts against servers and commands that succeed, fail or take too long."""

import asyncio
from dataclasses import replace

import pytest

from harness.tests.servers import Behaviour, answer, never_answer, read_request, serving
from seatrial.command import Command, Completed
from seatrial.host.ports import free_port
from seatrial.kubelet.attempt import MAX_BODY_BYTES, Attempt, attempt, http_get
from seatrial.manifests.probe import Exec, HttpGet, Probe, TcpSocket

HTTP = Probe(HttpGet(8000, "/ready"), timeout_seconds=5.0)


async def execute(command: tuple[str, ...]) -> Completed:
    """Run a command here, where a container would."""
    return await Command(command).run()


async def made(probe: Probe, port: int = 0) -> Attempt:
    """Make an attempt with the container's port 8000 published at `port`."""
    return await attempt(probe, {8000: port}.__getitem__, execute)


def answering(*answers: bytes, requests: list[bytes] | None = None) -> Behaviour:
    """Return a behaviour that gives each connection the next answer, and keeps what was asked."""
    remaining = list(answers)

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if requests is not None:
            requests.append(request)
        writer.write(remaining.pop(0))
        await writer.drain()

    return behave


@pytest.mark.parametrize(
    ("status", "succeeded"),
    [(200, True), (204, True), (302, True), (399, True), (400, False), (404, False), (503, False)],
)
async def test_http_get_succeeds_from_200_to_399(status: int, succeeded: bool) -> None:  # noqa: FBT001 - pytest passes parameters so
    """The status alone decides, and is told with the body."""
    async with serving(answering(answer(status, b"" if status == 204 else b"why"))) as port:
        outcome = await made(HTTP, port)
    assert outcome.succeeded is succeeded
    assert str(status) in outcome.detail
    assert ("why" in outcome.detail) is (status != 204)


async def test_http_get_asks_as_the_kubelet_does() -> None:
    """The request has the kubelet's headers, closes its connection, and the probe's own headers win."""
    requests: list[bytes] = []
    headers = (("Host", "example.org"), ("X-Probe", "1"))
    async with serving(answering(answer(), requests=requests)) as port:
        await made(replace(HTTP, handler=HttpGet(8000, "/ready?deep=1", headers=headers)), port)
    lines = requests[0].decode().lower().split("\r\n")
    assert lines[0] == "get /ready?deep=1 http/1.1"
    assert {"host: example.org", "x-probe: 1", "connection: close", "accept: */*"} <= set(lines)
    assert any(line.startswith("user-agent: kube-probe/") for line in lines)
    assert sum(line.startswith("host:") for line in lines) == 1


async def test_http_get_follows_redirects_to_the_same_host_only() -> None:
    """Where a redirect leads on the same host decides; one to another host is a success and is not followed."""
    elsewhere = answer(302, headers="Location: http://example.invalid/\r\n")
    async with serving(answering(answer(302, headers="Location: /other\r\n"), answer(503))) as port:
        assert not (await made(HTTP, port)).succeeded
    async with serving(answering(elsewhere)) as port:
        assert (await made(HTTP, port)).succeeded


async def test_http_get_fails_when_redirected_for_ever() -> None:
    """More than ten redirects are a failure."""
    async with serving(answering(*[answer(302, headers="Location: /\r\n")] * 11)) as port:
        outcome = await made(HTTP, port)
    assert (outcome.succeeded, outcome.detail) == (False, "stopped after 10 redirects")


async def test_http_get_reads_no_more_than_the_body_limit() -> None:
    """A long body is cut off, and is no failure."""
    async with serving(answering(answer(body=b"x" * 10 * MAX_BODY_BYTES))) as port:
        outcome = await made(HTTP, port)
    assert outcome.succeeded
    assert len(outcome.detail) < MAX_BODY_BYTES + 100


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n"])
async def test_http_get_fails_when_the_answer_is_none(raw: bytes) -> None:
    """A connection closed without an answer, or with nonsense, is a failure."""
    async with serving(answering(raw, raw)) as port:
        assert not (await made(HTTP, port)).succeeded
        with pytest.raises(ConnectionError, match="no HTTP answer"):
            await http_get(HttpGet(port), port)


@pytest.mark.parametrize("handler", [HttpGet(8000), TcpSocket(8000)])
async def test_attempt_fails_when_nobody_listens(handler: HttpGet | TcpSocket) -> None:
    """A refused connection is a failure that says so."""
    outcome = await made(Probe(handler), free_port())
    assert not outcome.succeeded
    assert "ConnectionRefusedError" in outcome.detail


async def test_tcp_socket_succeeds_when_a_connection_opens() -> None:
    """Nothing needs to be said over it."""
    async with serving(never_answer) as port:
        assert (await made(Probe(TcpSocket(8000)), port)).succeeded


async def test_attempt_fails_when_it_takes_too_long() -> None:
    """The probe's timeout is a failure, over HTTP and in a command."""
    async with serving(never_answer) as port:
        outcome = await made(replace(HTTP, timeout_seconds=0.2), port)
    assert (outcome.succeeded, outcome.detail) == (False, "no answer within 0.2 s")
    assert not (await made(Probe(Exec(("sleep", "60")), timeout_seconds=0.2))).succeeded


async def test_exec_succeeds_on_exit_code_0_alone() -> None:
    """The exit code decides, and is told with the output."""
    assert (await made(Probe(Exec(("true",)), timeout_seconds=10.0))).succeeded
    outcome = await made(Probe(Exec(("sh", "-c", "echo broken >&2; exit 3")), timeout_seconds=10.0))
    assert (outcome.succeeded, outcome.detail) == (False, "exit code 3: broken")
