"""Load at its own rate, and by clients that wait."""

import math
import socket
import time
from collections import Counter

import pytest

from bench.errors import BenchError
from bench.exchanges import UNANSWERED
from bench.open_loop import Load, Part, Schedule, Source, check_rate, offer, run_parts, saturate
from seatrial.host.ports import HOST, free_port
from tests.unit.bench.conftest import Answers

MOST = 500
LIMIT_SECONDS = 30.0
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
    with pytest.raises(BenchError, match="11 of 1000 requests were sent too late"):
        check_rate(11, sent=1000)


@pytest.mark.parametrize(("rate", "parts"), [(10.0, 1), (200.0, 1), (200.1, 2), (950.0, 5)])
def test_a_load_has_as_many_parts_as_it_takes_descriptors_for(rate: float, parts: int) -> None:
    """If nobody is answered, all that is sent within the timeout waits; after it the first are given up."""
    load = Load(1, (Source("/", rate, timeout_seconds=10.0),), seconds=30.0)
    assert load.parts(descriptors=2000) == parts


def test_clients_that_wait_need_one_process() -> None:
    """They have a connection each."""
    assert Load(1, (Source("/", 950.0),), seconds=30.0, clients=12).parts(descriptors=2000) == 1


def load_of(port: int, *sources: Source, begun: float = 0.0, late_seconds: float = LIMIT_SECONDS) -> Load:
    """Return a load of half a second that has begun so many seconds ago."""
    return Load(port, sources, seconds=0.5, begins_at=time.monotonic() - begun, late_seconds=late_seconds)


def test_requests_are_sent_at_their_rate_whether_others_are_answered_or_not() -> None:
    """A server that answers nobody gets them all: clients that wait would have sent it none but the first."""
    with socket.create_server((HOST, 0), backlog=MOST) as silent:
        sources = Source("/200", 100.0, timeout_seconds=1.0), Source("/live", 10.0, timeout_seconds=0.1)
        asked, probed = offer(load_of(silent.getsockname()[1], *sources), WHOLE, MOST)
    assert [outcome.status for outcome in asked] == [UNANSWERED] * 50
    assert [outcome.due_at for outcome in asked] == pytest.approx([0.005 + 0.01 * number for number in range(50)])
    assert len(probed) == 5


def test_each_source_has_its_own_outcomes(answers: Answers) -> None:
    """Probes beside a load are told apart from it."""
    load = load_of(answers.server_port, Source("/200", 50.0), Source("/503", 10.0))
    good, refused = offer(load, WHOLE, MOST)
    assert Counter(outcome.status for outcome in good) == {200: 25}
    assert Counter(outcome.status for outcome in refused) == {503: 5}


def test_a_load_that_begins_too_late_is_void() -> None:
    """As one is whose machine was away meanwhile: all requests are sent at once, and not at their rate."""
    with pytest.raises(BenchError, match="sent too late"):
        offer(load_of(free_port(), Source("/200", 50.0), begun=9.0, late_seconds=0.05), WHOLE, MOST)


def test_clients_that_wait_are_never_more_than_they_are(answers: Answers) -> None:
    """Each sends its next request when it has its answer."""
    (outcomes,) = saturate(Load(answers.server_port, (Source("/200", 1.0),), 0.3, clients=3))
    assert outcomes
    assert answers.most_at_work <= 3


async def test_a_load_runs_in_processes_of_its_own(answers: Answers) -> None:
    """The outcomes of two are those of one load."""
    (outcomes,) = await run_parts(load_of(answers.server_port, Source("/200", 30.0)), parts=2)
    assert Counter(outcome.status for outcome in outcomes) == {200: 15}


async def test_what_a_process_complains_of_is_the_loads_error(answers: Answers) -> None:
    """Its last line says what was wrong."""
    load = load_of(answers.server_port, Source("/200", 30.0), begun=9.0, late_seconds=0.05)
    with pytest.raises(BenchError, match=r"^15 of 15 requests were sent too late"):
        await run_parts(load, parts=1)
