"""Load at its own rate, and by clients that wait."""

import math
import socket
import time
from collections import Counter

import pytest

from bench import open_loop
from bench.errors import BenchError
from bench.exchanges import UNANSWERED
from bench.open_loop import Part, Schedule, Source, check_rate, offer, saturate
from tests.harness.ports import HOST, free_port
from tests.unit.bench.conftest import Answers

MOST = 500
WHOLE = Part()


def test_a_schedule_spaces_its_requests_evenly_and_ends() -> None:
    """What was due meanwhile is all sent, each with the moment that it was due at."""
    schedule = Schedule(rate=2.0, began=10.0, seconds=2.0, part=WHOLE)
    assert list(schedule.due(10.2)) == []
    assert list(schedule.due(11.0)) == [10.25, 10.75]
    assert schedule.next_at == 11.25
    assert list(schedule.due(99.0)) == [11.25, 11.75]
    assert schedule.next_at == math.inf


def test_the_parts_of_a_load_are_together_the_whole() -> None:
    """Nothing is sent twice, and nothing is left out."""
    parts = [Schedule(5.0, 0.0, 2.0, Part(number, 3)) for number in range(3)]
    whole = Schedule(5.0, 0.0, 2.0, WHOLE)
    assert sorted(moment for part in parts for moment in part.due(9.0)) == list(whole.due(9.0))


def test_parts_come_from_addresses_of_their_own() -> None:
    """One address has ports for fewer connections than there may be."""
    assert len({Part(number, 3).address for number in range(3)}) == 3


@pytest.mark.parametrize("late", [0, 10])
def test_a_rate_that_was_kept_is_good(late: int) -> None:
    """Of a thousand requests ten may be late."""
    check_rate(late, sent=1000)


def test_a_rate_that_was_not_kept_is_void() -> None:
    """The server was offered less than the result would say."""
    with pytest.raises(BenchError, match="11 of 1000 requests were sent more than"):
        check_rate(11, sent=1000)


def test_requests_are_sent_at_their_rate_whether_others_are_answered_or_not() -> None:
    """A server that answers nobody gets them all: clients that wait would have sent it none but the first."""
    with socket.create_server((HOST, 0), backlog=MOST) as silent:
        port = silent.getsockname()[1]
        sources = [Source("/200", 100.0, timeout_seconds=1.0), Source("/live", 10.0, timeout_seconds=0.1)]
        load, probes = offer(port, sources, 0.5, MOST, began=time.monotonic(), part=WHOLE)
    assert [outcome.status for outcome in load] == [UNANSWERED] * 50
    assert [outcome.due_at for outcome in load] == pytest.approx([0.005 + 0.01 * number for number in range(50)])
    assert len(probes) == 5


def test_each_source_has_its_own_outcomes(answers: Answers) -> None:
    """Probes beside a load are told apart from it."""
    sources = [Source("/200", 50.0), Source("/503", 10.0)]
    good, refused = offer(answers.server_port, sources, 0.5, MOST, began=time.monotonic(), part=WHOLE)
    assert Counter(outcome.status for outcome in good) == {200: 25}
    assert Counter(outcome.status for outcome in refused) == {503: 5}


def test_a_load_that_begins_too_late_is_void() -> None:
    """As one is whose machine was away meanwhile: all requests are sent at once, and not at their rate."""
    with pytest.raises(BenchError, match="sent more than"):
        offer(free_port(), [Source("/200", 50.0)], 0.5, MOST, began=time.monotonic() - 9, part=WHOLE)


def test_clients_that_wait_are_never_more_than_they_are(answers: Answers) -> None:
    """Each sends its next request when it has its answer."""
    (outcomes,) = saturate(answers.server_port, Source("/200", 1.0), 0.3, clients=3)
    assert outcomes
    assert answers.most_at_work <= 3


async def test_a_load_runs_in_processes_of_its_own(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    """In more than one where one has too few descriptors; their outcomes are those of one load."""
    monkeypatch.setattr(open_loop, "descriptors", lambda: 20)
    monkeypatch.setattr(open_loop, "START_SECONDS", 5.0)
    (outcomes,) = await open_loop.run(answers.server_port, [Source("/200", 30.0)], seconds=1.0)
    assert Counter(outcome.status for outcome in outcomes) == {200: 30}
    (outcomes,) = await open_loop.run(answers.server_port, [Source("/200", 1.0)], seconds=0.2, clients=2)
    assert outcomes
