"""Thinning thousands of requests, and telling what they came to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.tests.trial.scenarios import sent
from seatrial.traffic.exchange import Failure
from seatrial.trial.report.document import RequestDocument
from seatrial.trial.report.requests import Result, columns, result, tallies


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (sent(1), Result.ANSWERED),
        (sent(1, status=304), Result.ANSWERED),
        (sent(1, status=503), Result.SERVER_ERROR),
        (sent(1, status=404), Result.CLIENT_ERROR),
        (sent(1, failure=Failure.REFUSED), Result.FAILED),
        (sent(1, failure=Failure.CLOSED), Result.FAILED),
        (sent(1, failure=Failure.CLOSED_REUSED), Result.REUSED),
        (sent(1, status=None), Result.FAILED),
    ],
)
def test_result_tells_a_reused_connections_end_from_a_lost_request(request_: RequestDocument, expected: Result) -> None:
    """A client may retry the one, if it is idempotent; an error status is an answer, if no good one."""
    assert result(request_) is expected


@given(st.lists(st.tuples(st.floats(-1, 40), st.sampled_from([None, *Failure])), max_size=200), st.integers(1, 500))
def test_columns_lose_no_request(drawn: list[tuple[float, Failure | None]], number: int) -> None:
    """Whenever they were sent, and however few columns there are: every request and every failure is in one."""
    requests = [sent(at, failure=failure) for at, failure in drawn]
    found = columns(requests, 30.0, number)
    assert sum(column.total for column in found) == len(requests)
    assert sum(column.problems for column in found) == sum(failure is not None for _, failure in drawn)
    assert len(found) <= number
    assert all(column.total and 0 <= column.begin < 30.0 for column in found)


def test_columns_are_where_their_requests_were_sent() -> None:
    """Each holds what was sent in its time, and how long it took."""
    early, late = columns([sent(0.5, 0.1), sent(0.6, 0.3), sent(29.5, failure=Failure.TIMEOUT)], 30.0, 30)
    assert (early.begin, early.end, early.latencies) == (0.0, 1.0, (0.1, 0.3))
    assert (late.begin, late.counts[Result.FAILED], late.what["timeout"]) == (29.0, 1, 1)


def test_tally_has_each_way_of_sending_and_what_failed() -> None:
    """Counts, the failures in words, and milliseconds of what was answered alone."""
    requests = [
        *(sent(1, at / 1000, client="keep-alive") for at in range(1, 102)),
        sent(2, 9.0, failure=Failure.RESET, client="keep-alive"),
        sent(3, client="hold", failure=Failure.REFUSED),
    ]
    alive, held = tallies(requests)
    assert (alive.client, alive.total, alive.counts[Result.FAILED], alive.what) == ("keep-alive", 102, 1, "1 reset")
    assert alive.milliseconds == pytest.approx((51, 100, 101))
    assert (held.client, held.total, held.milliseconds) == ("hold", 1, None)


def test_tally_of_nothing_is_nothing() -> None:
    """No requests, no rows."""
    assert tallies([]) == ()
