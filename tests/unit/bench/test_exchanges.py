"""Requests by the thousand: what an outcome is."""

import socket
import time
from collections.abc import Callable

import pytest

from bench.errors import BenchError
from bench.exchanges import UNANSWERED, Exchanges, Outcome, status_of
from seatrial.host.ports import HOST, free_port
from tests.unit.bench.conftest import Answers

LIMIT_SECONDS = 30.0


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 200),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length:0\r\n\r\n", 503),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok", UNANSWERED),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n", UNANSWERED),
        (b"", UNANSWERED),
    ],
)
def test_an_answer_counts_when_it_is_there_as_a_whole(answer: bytes, status: int) -> None:
    """Half of one is none, whatever its status says."""
    assert status_of(answer) == status


def request(path: str) -> bytes:
    """Return a request for a path."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()


def outcome_of(port: int, *, timeout_seconds: float, meanwhile: Callable[[], None] = lambda: None) -> Outcome:
    """Return the outcome of one request."""
    exchanges, outcomes = Exchanges(port, most=1), list[Outcome]()
    exchanges.begin(request("/200"), time.monotonic(), timeout_seconds, outcomes)
    meanwhile()
    limit = time.monotonic() + LIMIT_SECONDS
    while exchanges and time.monotonic() < limit:
        exchanges.poll(0.05)
    assert not exchanges
    exchanges.close()
    return outcomes[0]


def test_a_request_that_is_answered_has_its_status(answers: Answers) -> None:
    """The whole of a long answer is read."""
    assert outcome_of(answers.server_port, timeout_seconds=LIMIT_SECONDS).status == 200


def test_a_request_that_nobody_answers_is_given_up() -> None:
    """The kernel takes the connection, and nothing comes: the client waits so long and no longer."""
    with socket.create_server((HOST, 0)) as silent:
        outcome = outcome_of(silent.getsockname()[1], timeout_seconds=0.2)
    assert outcome.status == UNANSWERED
    assert outcome.seconds >= 0.2


def test_a_connection_that_is_refused_or_reset_is_no_answer() -> None:
    """Both are told at once, and long before the request would be given up."""
    assert outcome_of(free_port(), timeout_seconds=LIMIT_SECONDS).status == UNANSWERED
    with socket.create_server((HOST, 0)) as server:

        def reset() -> None:
            connection, _ = server.accept()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()

        outcome = outcome_of(server.getsockname()[1], timeout_seconds=LIMIT_SECONDS, meanwhile=reset)
    assert outcome.status == UNANSWERED
    assert outcome.seconds < LIMIT_SECONDS


def test_no_more_requests_are_on_their_way_than_are_allowed() -> None:
    """One more is an error of the load's, and not an answer of the server's."""
    with socket.create_server((HOST, 0)) as silent:
        exchanges, outcomes = Exchanges(silent.getsockname()[1], most=1), list[Outcome]()
        exchanges.begin(request("/200"), 0.0, LIMIT_SECONDS, outcomes)
        with pytest.raises(BenchError, match="1 requests wait"):
            exchanges.begin(request("/200"), 0.0, LIMIT_SECONDS, outcomes)
        exchanges.close()
