"""What is sent: found from the manifests, and as clients behind a load balancer would send it."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.tests.servers import answer, read_request, serving
from harness.tests.trial.synthetic import objects, subject
from seatrial.errors import HarnessError
from seatrial.traffic.clients import Traffic
from seatrial.traffic.exchange import Failure, Outcome, Request
from seatrial.trial import load as loading
from seatrial.trial.configuration import Configuration
from seatrial.trial.load import Established, Late, Load, chosen, lost
from seatrial.trial.machine import Machine
from seatrial.trial.scenarios import lifetime
from seatrial.trial.stage import Stage
from seatrial.trial.subject import Subject, find

LIVE = {"httpGet": {"path": "/live", "port": 8080}}


TCP: dict[str, Any] = {"readinessProbe": {"tcpSocket": {"port": 8080}}, "livenessProbe": None, "startupProbe": None}


async def found(of: Subject, *answers: int | Failure) -> Load | None:
    """Return what is sent to a subject whose `/` answers with these, the last for ever."""
    left = list(answers)

    async def ask(_: Request) -> Outcome:
        got = left.pop(0) if len(left) > 1 else left[0]
        return Outcome("look", 0.0, 0.0, **({"failure": got} if isinstance(got, Failure) else {"status": got}))

    return await chosen(of, ask)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a port to be opened for a moment only."""
    monkeypatch.setattr(loading, "OPEN_SECONDS", 0.3)


@pytest.mark.parametrize(
    ("of", "status", "path"),
    [
        (subject(Configuration(load=Request("/given"))), 200, "/given"),
        (subject(livenessProbe=LIVE), 200, "/"),
        (subject(livenessProbe=LIVE), 404, "/live"),
        (subject(livenessProbe=None, startupProbe=None), 404, "/"),
    ],
)
async def test_path_is_the_given_one_or_the_root_or_a_probes(of: Subject, status: int, path: str) -> None:
    """Never that of readiness, which has to fail in the drain; a 404 is better than nothing."""
    load = await found(of, status)
    assert load
    assert load.quick.path == path


@pytest.mark.parametrize(
    ("name", "configuration"),
    [("load", Configuration(load=Request("/stale"))), ("slow", Configuration(slow=Request("/stale")))],
)
async def test_request_of_trial_toml_that_is_refused_tells_nothing(name: str, configuration: Configuration) -> None:
    """A stale path is answered 404 for ever, and as fast after a fault as before; an error is the service's own."""
    of = subject(configuration)
    with pytest.raises(HarnessError, match=rf"\[{name}\] of trial.toml, GET /stale, is answered 404"):
        await found(of, 404)
    assert await found(of, 200)
    assert await found(of, 503)


async def test_nothing_is_sent_to_what_answers_no_http() -> None:
    """Without a probe that asks for HTTP, without a port that is called so, and without an answer."""
    assert await found(subject(ports=[{"containerPort": 8080, "name": "redis"}], **TCP), Failure.BAD_ANSWER) is None


def called(name: str, **port: Any) -> Subject:
    """Return a subject whose port has a name; `port` changes the Service's, which may lead elsewhere."""
    made = objects(ports=[{"containerPort": 8080, "name": name}], **TCP)
    made[1]["spec"]["ports"] = [{"port": 80, "targetPort": name, **port}]
    return find(made, "synthetic", Configuration())


@pytest.mark.usefixtures("quick")
async def test_what_refuses_where_its_service_sends_is_asked() -> None:
    """Nobody can reach it, and that is to be found out; a Service of another protocol tells nothing of TCP."""
    assert await found(called("web"), Failure.REFUSED)
    assert await found(called("web", protocol="UDP"), Failure.REFUSED) is None
    assert await found(called("web", targetPort=9000), Failure.REFUSED) is None


@pytest.mark.usefixtures("quick")
async def test_what_opens_its_port_soon_is_asked_by_what_it_answers_then() -> None:
    """Without probes it is ready before it listens: that it has refused is kept, and what speaks no HTTP is left."""
    load = await found(called("web"), Failure.REFUSED, 404)
    assert load
    assert load.looked
    assert load.looked.failure is Failure.REFUSED
    assert await found(called("redis"), Failure.REFUSED, Failure.BAD_ANSWER) is None


async def test_look_is_kept_if_it_was_a_request_that_is_sent() -> None:
    """It was the first after the start; what nothing else is sent to may fail."""
    for of, status, kept in (
        (subject(livenessProbe=LIVE), 200, True),
        (subject(livenessProbe=LIVE), 503, False),
        (subject(livenessProbe=None, startupProbe=None), 503, True),
    ):
        load = await found(of, status)
        assert load
        assert (load.looked is not None) is kept


async def test_look_is_one_of_the_first_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those are what is sent from the moment that it is ready."""
    monkeypatch.setattr(lifetime, "FIRST_SECONDS", 0.1)
    stage, ready_at = Stage("lifetime", "", subject(), Machine()), time.monotonic()
    load = Load(one(), None, "", Outcome("look", ready_at, ready_at, failure=Failure.TIMEOUT))
    async with serving(serve_two) as port:
        window = await lifetime.first_requests(stage, cast("Any", SimpleNamespace(port=port)), load, ready_at)
    assert stage.requests[0] == load.looked
    assert window.began <= stage.requests[0].sent_at


@pytest.mark.parametrize(
    "of",
    [
        subject(livenessProbe=None, startupProbe=None),
        subject(readinessProbe={"tcpSocket": {"port": 8080}}, livenessProbe=None, startupProbe=None),
        subject(Configuration(port=8080), ports=[{"containerPort": 8080}], readinessProbe=None, livenessProbe=None),
    ],
    ids=["by a probe", "by the name of its port", "by trial.toml"],
)
async def test_what_says_http_is_asked_also_where_it_does_not_answer(of: Subject) -> None:
    """Ready, and nobody answers: that is what is to be found out."""
    load = await found(of, Failure.BAD_ANSWER)
    assert load
    assert load.quick.path == "/"


def test_answer_that_says_that_the_server_failed_is_lost_and_404_is_not() -> None:
    """A client's error is an answer."""
    assert [lost(Outcome("x", 0.0, 0.0, status=status)) for status in (200, 404, 500, 503)] == [
        False,
        False,
        True,
        True,
    ]
    assert lost(Outcome("x", 0.0, 0.0, failure=Failure.TIMEOUT))


async def serve_two(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer two requests, and close without a word."""
    for _ in range(2):
        await read_request(reader)
        writer.write(answer())


async def serve_two_and_say_so(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer two requests, the last with `Connection: close`."""
    await read_request(reader)
    writer.write(answer())
    await read_request(reader)
    writer.write(answer(headers="Connection: close\r\n"))


def one() -> Request:
    """Return what is sent."""
    return Request("/")


async def test_established_connection_that_is_closed_without_a_word_loses_a_request() -> None:
    """The client believes what the server has said: it could be too far away to see the close."""
    noticed = asyncio.Event()
    async with serving(serve_two) as port, Traffic(port, [Established(one, 20.0, noticed, connections=1)]) as traffic:
        while len(traffic.outcomes) < 3:  # noqa: ASYNC110 - the outcomes have no event
            await asyncio.sleep(0.01)
    assert [each.failure for each in traffic.outcomes[:3]] == [None, None, Failure.CLOSED_REUSED]


async def test_established_connection_whose_close_was_announced_loses_none() -> None:
    """The negative: the next request is sent on another."""
    noticed = asyncio.Event()
    async with (
        serving(serve_two_and_say_so) as port,
        Traffic(port, [Established(one, 50.0, noticed, connections=1)]) as traffic,
    ):
        while len(traffic.outcomes) < 6:  # noqa: ASYNC110 - the outcomes have no event
            await asyncio.sleep(0.01)
    assert all(each.ok for each in traffic.outcomes)
    assert [each.reused for each in traffic.outcomes[:4]] == [False, True, False, True]


async def test_no_connection_is_opened_once_load_balancers_have_noticed() -> None:
    """The old one is used until it is closed, and then the client is gone."""
    noticed = asyncio.Event()
    noticed.set()
    client = Established(one, 50.0, noticed, connections=1)
    async with serving(serve_two_and_say_so) as port:
        traffic = Traffic(port, [client])
        async with traffic:
            await asyncio.sleep(0.1)
    assert traffic.outcomes == []


async def test_late_request_comes_when_it_is_told_to_on_the_same_connection() -> None:
    """And not at all on one that was closed meanwhile."""
    now = asyncio.Event()
    async with serving(serve_two) as port, Traffic(port, [Late(one, now)]) as traffic:
        while not traffic.outcomes:  # noqa: ASYNC110 - the outcomes have no event
            await asyncio.sleep(0.01)
        now.set()
    assert [each.reused for each in traffic.outcomes] == [False, True]
    assert all(each.ok for each in traffic.outcomes)
