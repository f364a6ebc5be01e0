"""How connections are accepted: many at a time, after a look at each, and not at all costs."""

import asyncio
import errno
import socket
from collections.abc import Iterator

import pytest

from app.serving.listener import Listener
from seatrial.waiting import eventually

LIMIT_SECONDS = 30.0


class Connection(asyncio.Protocol):
    """A connection's protocol, which counts those that are made."""

    made = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        Connection.made += 1
        transport.close()


class Starved(socket.socket):
    """A listening socket of a process that has no descriptor left, as often as `fails` says."""

    fails = 0
    asked = 0

    def accept(self) -> tuple[socket.socket, object]:
        """Fail, or accept."""
        self.asked += 1
        if self.fails:
            self.fails -= 1
            raise OSError(errno.EMFILE, "no descriptor left")
        return super().accept()


@pytest.fixture
def listening() -> Iterator[Starved]:
    """Yield a listening socket."""
    Connection.made = 0
    with Starved() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        sock.settimeout(0)
        yield sock


def connect(listening: socket.socket, count: int) -> list[socket.socket]:
    """Return so many clients' ends."""
    return [socket.create_connection(listening.getsockname()) for _ in range(count)]


async def test_all_that_wait_are_accepted_in_one_turn(listening: Starved) -> None:
    """One a turn would leave the last of many waiting for as many turns."""
    clients = connect(listening, 20)
    seen: list[int] = []
    loop = asyncio.get_running_loop()

    def refused(connection: socket.socket) -> bool:
        if not seen:
            loop.call_soon(lambda: seen.append(-1))  # the next turn
        seen.append(connection.fileno())
        connection.close()
        return True

    listener = Listener(listening, Connection, refused)
    await eventually(lambda: -1 in seen, LIMIT_SECONDS, "the turn is over")
    assert seen.index(-1) == 20
    listener.close()
    for client in clients:
        client.close()


async def test_connection_that_is_not_refused_gets_its_protocol(listening: Starved) -> None:
    """Also one that could not be decided about for as long as it is asked about."""
    asked: list[int] = []

    def undecided(connection: socket.socket) -> bool | None:
        asked.append(connection.fileno())
        return None

    (client,) = connect(listening, 1)
    listener = Listener(listening, Connection, undecided)
    await eventually(lambda: Connection.made == 1, LIMIT_SECONDS, "it is made")
    assert len(asked) > 1
    listener.close()
    client.close()


async def test_connection_that_is_undecided_is_not_lost_when_the_listener_closes(listening: Starved) -> None:
    """It was accepted: its client is to be answered."""
    asked: list[int] = []

    def undecided(connection: socket.socket) -> bool | None:
        asked.append(connection.fileno())
        return None

    (client,) = connect(listening, 1)
    listener = Listener(listening, Connection, undecided)
    await eventually(lambda: bool(asked), LIMIT_SECONDS, "it is accepted")
    listener.close()
    listener.close()
    await eventually(lambda: Connection.made == 1, LIMIT_SECONDS, "it is made")
    client.close()


async def test_listener_without_descriptors_pauses_instead_of_asking_without_end(listening: Starved) -> None:
    """And accepts when there are some again."""
    listening.fails = 3
    (client,) = connect(listening, 1)
    listener = Listener(listening, Connection, lambda _: False)
    await eventually(lambda: Connection.made == 1, LIMIT_SECONDS, "it is accepted in the end")
    assert listening.asked <= 5  # three that failed, the one that did not, and the look for another
    listener.close()
    client.close()
