"""The claims about SIGTERM under load, in what is special about each."""

from dataclasses import replace
from typing import Any

from harness.tests.trial.synthetic import (
    DELETED,
    LIFE,
    NOTICED,
    REQUESTS,
    SIGNALLED,
    answered,
    event,
    failed,
    lifetime,
    termination,
)
from seatrial.timeline import Event, Kind
from seatrial.traffic.exchange import Failure, Request
from seatrial.trial.judgement import Judged
from seatrial.trial.load import Load
from seatrial.trial.machine import REFERENCE_SPAWN_SECONDS, Machine
from seatrial.trial.scenarios.lifetime import LIFETIME
from seatrial.trial.verdict import Verdict

CLAIMS: dict[str, Judged[Any]] = {each.claim.id: each for each in LIFETIME.claims}


def test_reused_connection_that_ends_without_a_byte_is_not_a_lost_request() -> None:
    """It is counted apart, because a client may send it again."""
    seen = lifetime(requests=(*REQUESTS, failed(DELETED + 1.0, Failure.CLOSED_REUSED, reused=True)))
    assert CLAIMS["sigterm.no-request-lost"](seen).verdict is Verdict.HELD
    assert CLAIMS["sigterm.no-reused-connection-closed"](seen).figures["closed"] == 1


def test_request_counts_as_lost_only_until_load_balancers_have_noticed() -> None:
    """Two readiness attempts, a second apart, a timeout of 1 s, and 1 s for the word to spread: 4 s."""
    for after, verdict in ((3.9, Verdict.BROKEN), (4.1, Verdict.HELD)):
        seen = lifetime(requests=(*REQUESTS, failed(DELETED + after, Failure.REFUSED)))
        assert CLAIMS["sigterm.no-request-lost"](seen).verdict is verdict
        assert CLAIMS["sigterm.listener-stays-open"](seen).verdict is verdict


def test_readiness_is_judged_by_attempts_that_began_after_the_signal_and_before_the_end() -> None:
    """Of the container that serves; where none was due any more, nobody was told that it still is ready."""
    early = tuple(each for each in LIFE if each.at < SIGNALLED)
    at_once = termination(SIGNALLED - DELETED + 1.9)

    def success(after: float, seconds: float = 0.0) -> Event:
        return replace(event(SIGNALLED + after, Kind.ATTEMPT_SUCCEEDED, "web/readiness"), seconds=seconds)

    for seen, verdict in (
        (lifetime(events=early, ended=at_once), Verdict.HELD),
        (lifetime(events=(*early, success(1.0)), ended=at_once), Verdict.HELD),
        (lifetime(events=early), Verdict.NOT_RUN),
        (lifetime(events=(*early, success(1.0))), Verdict.NOT_RUN),
        (lifetime(events=(*early, success(4.0, seconds=3.0))), Verdict.HELD),
        (lifetime(events=(*early, success(4.0))), Verdict.BROKEN),
    ):
        assert CLAIMS["sigterm.readiness-fails"](seen).verdict is verdict


def test_readiness_that_fails_only_as_slowly_as_a_busy_machine_is_doubted() -> None:
    """An answer that came at once was not late for want of a core, one that took half the timeout may be.

    So may be an attempt that was due before the end, and is not there.
    """
    early = tuple(each for each in LIFE if each.at < SIGNALLED)
    for seconds, fallible in ((0.5, True), (0.05, False)):
        refusal = replace(event(SIGNALLED + 1.0, Kind.ATTEMPT_FAILED, "web/readiness"), seconds=seconds)
        judgement = CLAIMS["sigterm.readiness-fails"](lifetime(events=(*early, refusal)))
        assert (judgement.verdict, judgement.fallible) == (Verdict.HELD, fallible)
    for ended, fallible in ((1.9, False), (3.9, True)):
        judgement = CLAIMS["sigterm.readiness-fails"](
            lifetime(events=early, ended=termination(SIGNALLED - DELETED + ended))
        )
        assert (judgement.verdict, judgement.fallible) == (Verdict.HELD, fallible)


def test_answer_that_says_close_before_the_signal_counts() -> None:
    """A preStop hook may begin the drain: the signal comes when it is over."""
    seen = lifetime(ended=replace(termination(), signalled_at=NOTICED + 1.0))
    assert CLAIMS["sigterm.says-close"](seen).verdict is Verdict.HELD


def test_close_that_few_connections_are_told_is_not_said() -> None:
    """A stock server says it on what is in flight when it closes all of its connections."""
    silent = [each for each in REQUESTS if not (each.closing and each.client == "keep-alive")]
    told = answered(NOTICED, NOTICED + 0.1, 1, client="keep-alive", reused=True, closing=True)
    cut = [failed(NOTICED + 0.1, Failure.CLOSED_REUSED, client="keep-alive", reused=True)] * 7
    seen = lifetime(requests=(*silent, *told, *cut))
    assert CLAIMS["sigterm.says-close"](seen).verdict is Verdict.BROKEN


def test_readiness_that_succeeds_late_again_and_again_needs_no_allowance() -> None:
    """Three attempts, also if it fails at last, with the listener: a slow machine makes one or two late."""
    before = tuple(each for each in LIFE if each.at < SIGNALLED)
    late = tuple(event(SIGNALLED + after, Kind.ATTEMPT_SUCCEEDED, "web/readiness") for after in (2.1, 3.1, 4.1))
    refused = event(SIGNALLED + 5.1, Kind.ATTEMPT_FAILED, "web/readiness")
    for succeeded, verdict in ((late, Verdict.BROKEN), (late[:-1], Verdict.HELD)):
        seen = lifetime(events=(*before, *succeeded, refused))
        slow = replace(seen, machine=Machine(spawn_seconds=3 * REFERENCE_SPAWN_SECONDS))
        assert CLAIMS["sigterm.readiness-fails"](slow).verdict is verdict


def test_slow_request_that_was_refused_was_not_in_flight() -> None:
    """The listener's claim counts it."""
    refused = replace(failed(DELETED + 1, Failure.REFUSED), client="slow reader")
    seen = lifetime(requests=(*REQUESTS, refused))
    assert CLAIMS["sigterm.slow-requests-finish"](seen).verdict is Verdict.HELD
    assert CLAIMS["sigterm.listener-stays-open"](seen).verdict is Verdict.BROKEN


def test_end_of_what_serves_no_http_is_no_end_under_load() -> None:
    """It was ended all the same, idle; that is another claim's."""
    for claim_id in ("sigterm.loaded.within-grace", "sigterm.loaded.exit-code", "sigterm.no-request-lost"):
        assert CLAIMS[claim_id](lifetime(load=None)).verdict is Verdict.NOT_APPLICABLE


def test_slow_request_that_was_over_when_the_signal_came_is_finished() -> None:
    """A preStop hook may be longer than every request: that is how it protects them; one that it did not is lost."""
    for last, verdict in ((DELETED + 3.1, Verdict.HELD), (DELETED - 0.1, Verdict.NOT_RUN)):
        requests = [each for each in REQUESTS if each.client != "slow reader"]
        slow = replace(next(each for each in REQUESTS if each.client == "slow reader"), ended_at=last)
        seen = lifetime(requests=(*requests, slow), ended=replace(termination(), signalled_at=DELETED + 5.0))
        judgement = CLAIMS["sigterm.slow-requests-finish"](seen)
        assert judgement.verdict is verdict
        assert judgement.figures["signalled"] == 0


def test_request_in_flight_at_the_deletion_that_the_end_cuts_is_lost() -> None:
    """One that had failed before says that nothing can be told."""
    for ended_at, verdict in ((SIGNALLED + 0.1, Verdict.BROKEN), (DELETED - 0.1, Verdict.NOT_RUN)):
        cut = replace(failed(DELETED - 0.2, Failure.RESET, client="slow upload"), ended_at=ended_at)
        assert CLAIMS["sigterm.no-request-lost"](lifetime(requests=(*REQUESTS, cut))).verdict is verdict


def test_answer_that_is_cut_on_a_kept_alive_connection_is_closed_under_a_request() -> None:
    """Also after load balancers have noticed: nobody but the server closes it."""
    for failure in (Failure.BAD_ANSWER, Failure.RESET):
        cut = failed(NOTICED + 1.0, failure, client="keep-alive", reused=True)
        judgement = CLAIMS["sigterm.no-reused-connection-closed"](lifetime(requests=(*REQUESTS, cut)))
        assert judgement.verdict is Verdict.BROKEN
        assert (judgement.figures["cut"], judgement.figures["closed"]) == (1, 0)


def test_request_that_may_not_be_sent_again_is_lost_on_a_reused_connection_too() -> None:
    """A POST may have been done; a GET is counted apart."""
    cut = (*REQUESTS, failed(DELETED + 1.0, Failure.CLOSED_REUSED, reused=True))
    for method, verdict in (("POST", Verdict.BROKEN), ("GET", Verdict.HELD)):
        seen = lifetime(load=Load(Request("/", method), None, "trial.toml"), requests=cut)
        assert CLAIMS["sigterm.no-request-lost"](seen).verdict is verdict


def test_close_that_is_said_all_the_time_does_not_hide_connections_that_are_cut() -> None:
    """A server that ends each connection after so many requests says it, and then closes all without a word."""
    silent = [each for each in REQUESTS if not (each.closing and each.client == "keep-alive")]
    told = answered(DELETED, NOTICED, 9, client="keep-alive", reused=True, closing=True)
    for cut, verdict in ((8, Verdict.BROKEN), (2, Verdict.HELD)):
        closed = [failed(NOTICED + 6.0, Failure.CLOSED_REUSED, client="keep-alive", reused=True)] * cut
        assert CLAIMS["sigterm.says-close"](lifetime(requests=(*silent, *told, *closed))).verdict is verdict


def test_connections_that_are_accepted_and_never_answered_find_no_listener() -> None:
    """What forwards a port accepts for it; if one is answered after them, it was there."""
    new = [each for each in REQUESTS if each.client != "new-connection" or each.sent_at < DELETED + 1]
    closed = [failed(DELETED + 1 + each / 60, Failure.CLOSED) for each in range(180)]
    for last, verdict in ((closed[-1:], Verdict.BROKEN), (answered(NOTICED - 0.01, NOTICED, 1), Verdict.HELD)):
        seen = lifetime(requests=(*new, *closed, *last))
        assert CLAIMS["sigterm.listener-stays-open"](seen).verdict is verdict
