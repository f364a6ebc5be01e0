"""What the outcomes of a load come to."""

import pytest

from bench.exchanges import UNANSWERED, Outcome
from bench.overload import Sample, goodput


def test_goodput_is_what_was_answered_well_while_the_load_lasted() -> None:
    """Neither a refusal nor an answer that came after the end counts."""
    outcomes = [Outcome(0.5, 0.1, 200), Outcome(1.9, 0.05, 201), Outcome(1.9, 0.2, 200), Outcome(1.0, 0.001, 503)]
    assert goodput(outcomes, seconds=2.0) == 1.0


def test_a_sample_tells_refused_from_unanswered_requests_and_has_the_time_of_the_good() -> None:
    """The late are among the good there, or a server that answers late would look fast; refusals are not."""
    asked = [*[Outcome(0.0, 0.1, 200)] * 98, *[Outcome(0.0, 7.0, 200)] * 2]
    asked += [*[Outcome(0.0, 9.0, 503)] * 30, *[Outcome(0.0, 10.0, UNANSWERED)] * 20]
    sample = Sample.of(50.0, 2.0, asked, [Outcome(0.5, 0.01, 200)], restarts=0)
    assert (sample.refused, sample.unanswered, sample.p99_seconds) == (30, 20, 7.0)
    assert (sample.offered, sample.goodput) == (75.0, 49.0)
    assert (sample.probes_failed, sample.slowest_probe_seconds) == (0, 0.01)


@pytest.mark.parametrize("status", [503, UNANSWERED])
def test_a_probe_that_is_refused_or_not_answered_has_failed(status: int) -> None:
    """And counts among the slowest, too; where nothing was good, there is no percentile of it."""
    probed = [Outcome(0.5, 0.01, 200), Outcome(1.5, 5.0, status)]
    sample = Sample.of(50.0, 2.0, [Outcome(0.0, 0.1, 503)], probed, restarts=1)
    assert (sample.probes, sample.probes_failed, sample.slowest_probe_seconds) == (2, 1, 5.0)
    assert (sample.p99_seconds, sample.restarts) == (None, 1)
