"""What is refused at the door, and what is left to the protocol."""

import socket
from collections.abc import Iterator

import pytest

from app.admission import HURRY_SECONDS, PATIENCE_SECONDS, Admission
from app.metrics import Metrics
from app.serving.shedding import Shedding

ASKED = b"GET /api/v1/notes HTTP/1.1\r\nHost: test\r\nX-Request-ID: mine\r\n\r\n"


class Waiting:
    """A request that waits, or is at work."""

    def begin(self) -> None:
        """Work on."""

    def refuse(self) -> None:
        """Be refused."""


@pytest.fixture
def now() -> list[float]:
    """Return the time, which a test may change."""
    return [0.0]


@pytest.fixture
async def shedding(now: list[float]) -> Shedding:
    """Return the shedding of a worker with one place, in an overload: one request was refused, and the next waits."""
    admission = Admission(1, lambda: now[0])
    for _ in range(2):
        admission.ask(Waiting())
    now[0] = PATIENCE_SECONDS + 0.01
    admission.leave()
    for _ in range(2):
        admission.ask(Waiting())
    now[0] += HURRY_SECONDS / 2
    return Shedding(admission, Metrics(version="0", revision="0"))


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Yield a client's end of a connection and the service's, which does not block."""
    client, server = socket.socketpair()
    server.settimeout(0)
    with client, server:
        yield client, server


async def test_request_that_is_there_is_refused_and_its_connection_closed(
    shedding: Shedding, ends: tuple[socket.socket, socket.socket]
) -> None:
    """503 with the client's own id; the client reads it to the end."""
    client, server = ends
    client.sendall(ASKED)
    assert shedding.at_the_door(server) is True
    answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nx-request-id: mine\r\n" in answer
    assert b"\r\nretry-after: 2\r\n" in answer
    assert answer.endswith(b'"request_id":"mine"}')


async def test_connection_on_which_nothing_is_asked_yet_is_undecided(
    shedding: Shedding, ends: tuple[socket.socket, socket.socket]
) -> None:
    """It is neither refused nor let in."""
    assert shedding.at_the_door(ends[1]) is None


@pytest.mark.parametrize(
    "sent",
    [
        ASKED[:-2],
        ASKED * 2,
        ASKED.replace(b"GET", b"POST"),
        ASKED.replace(b"/api/v1/notes", b"/health/ready"),
        ASKED.replace(b"/api/v1/notes", b"/metrics"),
        ASKED.replace(b"/api/v1/notes", b"http://test/api/v1/notes"),
        ASKED + b"a body",
    ],
)
async def test_all_else_is_left_to_the_protocol_untouched(
    shedding: Shedding, ends: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    """Probes, what is not there as a whole, and what would leave something unread; no byte of it is taken."""
    client, server = ends
    client.sendall(sent)
    assert shedding.at_the_door(server) is False
    assert server.recv(4096) == sent


async def test_nothing_is_refused_at_the_door_while_nobody_has_waited_for_long(
    shedding: Shedding, ends: tuple[socket.socket, socket.socket], now: list[float]
) -> None:
    """It may still be begun in time."""
    client, server = ends
    client.sendall(ASKED)
    now[0] -= HURRY_SECONDS / 4
    assert shedding.at_the_door(server) is False
