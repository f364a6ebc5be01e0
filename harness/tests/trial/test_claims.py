"""Every claim is seen held, seen broken by the one thing that it is about, and never held where nothing can be told."""

from dataclasses import replace
from typing import Any

import pytest

from harness.tests.trial.synthetic import (
    DELETED,
    LIFE,
    REQUESTS,
    SIGNALLED,
    answered,
    at_limit,
    ends,
    event,
    failed,
    hang,
    inside,
    lifetime,
    outages,
    podman_alone,
    reached,
    recovered,
    recovery,
    setting,
    start,
    stored,
    subject,
    termination,
)
from harness.tests.trial.workloads import workload
from seatrial.kubelet.termination import Termination
from seatrial.logs import Log
from seatrial.timeline import Kind
from seatrial.traffic.exchange import Failure
from seatrial.trial.engine import SCENARIOS
from seatrial.trial.judgement import Judged
from seatrial.trial.seen import Seen
from seatrial.trial.verdict import Verdict
from seatrial.trial.window import Window

CLAIMS: dict[str, Judged[Any]] = {each.claim.id: each for scenario in SCENARIOS for each in scenario.claims}
KILLED, CRASHED = termination(20.0, 137, sigkilled=True), termination(exit_code=1)
BESIDE_KILLED = replace(KILLED, containers=(*KILLED.containers, Termination("proxy", 0, 0.5, sigkilled=False)))
GONE = replace(termination(0.0, 1), signalled_at=None)
GOOD: dict[str, Seen] = {
    "lifetime": lifetime(),
    "ends": ends(),
    "recovery": recovery(),
    "hang": hang(),
    "outage": outages(),
    "memory": at_limit(),
    "setting": setting(),
    "missing": setting(
        start(given={"WORKERS": None}), start(given={"PORT": None}, logs=(Log("web", "PORT\n"),)), chosen=True
    ),
    "data": stored(),
    "podman-alone": podman_alone(),
}
LOST = (*REQUESTS, failed(DELETED + 1.0, Failure.RESET))
REFUSED = (*REQUESTS, failed(DELETED + 1.0, Failure.REFUSED))

SETTINGS = ("setting.bad-fails-fast", "setting.missing-fails-fast")
BROKEN: list[tuple[str, Seen]] = [
    ("start.ready-in-time", lifetime(ready_at=None)),
    ("start.ready-in-time", lifetime(failed_to_play="init ended with 1")),
    ("start.ready-in-time", lifetime(events=(*LIFE, event(2.5, Kind.EXITED, detail="exit code 1")))),
    ("start.serves-when-ready", lifetime(requests=(*REQUESTS, failed(3.1, Failure.REFUSED)))),
    ("start.no-flapping", lifetime(events=(*LIFE, event(6.0, Kind.NOT_READY)))),
    ("load.stays-ready", lifetime(events=(*LIFE, event(15.0, Kind.NOT_READY)))),
    ("load.requests-are-answered", lifetime(requests=(*REQUESTS, failed(15.0, Failure.RESET)))),
    ("load.requests-are-answered", lifetime(requests=(*REQUESTS, *answered(15.0, 15.1, 1, status=500)))),
    ("load.memory", lifetime(memory_samples=(100 * 2**20,))),
    ("load.memory", lifetime(events=(*LIFE, event(15.0, Kind.EXITED, reason="OOMKilled")))),
    ("logs.json", lifetime(logs="{}\nserving\n")),
    ("logs.json", lifetime(logs="[]\n")),
    ("logs.no-secrets", lifetime(logs="using correct horse\n")),
    ("bad-input.stays-ready", lifetime(events=(*LIFE, event(21.0, Kind.EXITED)))),
    ("bad-input.stays-ready", lifetime(requests=(*REQUESTS, failed(26.5, Failure.TIMEOUT)))),
    ("security.user", lifetime(inside=inside(uids=frozenset({0})))),
    ("security.user", lifetime(inside=inside(gids=frozenset({0})))),
    ("security.root", lifetime(inside=inside(read_only_root=False))),
    ("security.capabilities", lifetime(inside=inside(capabilities=1))),
    ("security.capabilities", lifetime(inside=inside(bounding=1))),
    ("security.no-new-privileges", lifetime(inside=inside(no_new_privileges=False))),
    ("security.seccomp", lifetime(inside=inside(seccomp=0))),
    ("security.no-writes-outside-volumes", lifetime(inside=inside(written=("/var/x",)))),
    ("load.stays-ready", lifetime(events=(*LIFE, event(15.0, Kind.ATTEMPT_FAILED, "web/readiness")))),
    ("sigterm.no-request-lost", lifetime(requests=LOST)),
    ("sigterm.no-request-lost", lifetime(requests=(*REQUESTS, *answered(DELETED + 1, DELETED + 2, 1, status=503)))),
    (
        "sigterm.no-reused-connection-closed",
        lifetime(requests=(*REQUESTS, failed(DELETED + 9.0, Failure.CLOSED_REUSED, reused=True))),
    ),
    ("sigterm.listener-stays-open", lifetime(requests=REFUSED)),
    (
        "sigterm.slow-requests-finish",
        lifetime(requests=(*REQUESTS, replace(failed(DELETED + 1, Failure.RESET), client="slow reader"))),
    ),
    ("sigterm.says-close", lifetime(requests=[replace(each, closing=False) for each in REQUESTS])),
    (
        "sigterm.readiness-fails",
        lifetime(events=(*LIFE, event(SIGNALLED + 4.0, Kind.ATTEMPT_SUCCEEDED, "web/readiness"))),
    ),
    ("sigterm.loaded.within-grace", lifetime(ended=KILLED)),
    ("sigterm.loaded.exit-code", lifetime(ended=CRASHED)),
    ("sigterm.idle.within-grace", ends(idle=KILLED)),
    ("sigterm.idle.exit-code", ends(idle=CRASHED)),
    ("sigterm.starting.within-grace", ends(starting=KILLED)),
    ("sigterm.starting.exit-code", ends(starting=CRASHED)),
    ("sigterm.twice.within-grace", ends(twice=KILLED)),
    ("sigterm.twice.exit-code", ends(twice=CRASHED)),
    ("sigterm.twice.as-once", ends(twice=termination(1.1))),
    ("sigterm.outage.within-grace", outages(ended=KILLED)),
    ("sigterm.outage.exit-code", outages(ended=CRASHED)),
    *(
        (f"outage.{fault}.{what}", outages(**changes))
        for fault in ("stopped", "frozen", "cut-off")
        for what, changes in (
            ("liveness", {"liveness_failed": 1}),
            ("liveness", {"restarts": 1}),
            ("readiness", {"not_ready_seconds": None}),
            ("recovers", {"recovered_seconds": None}),
        )
    ),
    ("outage.slow.liveness", outages(liveness_failed=1)),
    ("outage.slow.recovers", outages(restarts=1)),
    ("recovery.killed-worker", recovery(worker=recovered(None))),
    ("recovery.killed-worker", recovery(worker=recovered(restarts=1))),
    ("recovery.blocked-worker", recovery(blocked=recovered(None))),
    ("recovery.killed-main-process", recovery(main=recovered(None))),
    ("hang.leaves-service", hang(not_ready_at=None)),
    ("hang.leaves-service", hang(not_ready_at=20.0)),
    ("hang.leaves-service", hang(not_ready_at=14.0, exited_at=14.0)),
    ("hang.is-detected", hang(unhealthy_at=None)),
    ("hang.is-replaced", hang(ready_again_at=None)),
    ("memory.at-limit", at_limit(reached(None))),
    ("memory.at-limit", at_limit(reached(), reached(None, together=True))),
    ("memory.at-limit", at_limit(requests=(*REQUESTS, failed(4.0, Failure.TIMEOUT)))),
    ("memory.at-limit", at_limit(reached(), requests=(*REQUESTS, failed(4.0, Failure.RESET)), untold="no")),
    *(
        (claim_id, setting(*starts, chosen=chosen))
        for claim_id in SETTINGS
        for starts, chosen in (
            ((start(exit_code=None),), False),
            ((start(exit_code=0),), False),
            ((start(logs=(Log("web", ""),)),), False),
            ((start(logs=(Log("web", "Traceback\n"),)),), True),
            ((start(seconds=118.0),), False),
            ((start(), start(ready=True)), True),
        )
    ),
    ("data.survives-restart", stored(after="status 404: no kept here")),
    ("data.survives-restart", stored(after="status 200: []")),
]
NOT_READY = {
    "lifetime": lifetime(
        ready_at=None, load=None, first=None, idle=None, loaded=None, abused=None, inside=None, ended=None
    ),
    "ends": ends(idle=None, starting=None, twice=None),
    "recovery": recovery(ready=False, workers=0, worker=None, blocked=None, main=None),
    "hang": hang(stopped_at=None),
    "outage": replace(outages(), ready=False, outages=(), ended=None),
    "memory": at_limit(ready=False),
    "setting": setting(start(ready=True)),  # with settings that nobody has said to be bad
    "missing": setting(start(given={"WORKERS": None}, ready=True)),
    "data": stored(written=None),
    "podman-alone": podman_alone(ready=False, ended=None),
}
UNTOLD: list[tuple[str, Seen]] = [
    ("load.requests-are-answered", lifetime(requests=answered(10.0, 20.0, 10))),
    ("sigterm.no-request-lost", lifetime(requests=[each for each in REQUESTS if each.sent_at < DELETED])),
    ("sigterm.no-request-lost", lifetime(requests=(*REQUESTS, failed(DELETED - 0.1, Failure.RESET)))),
    ("sigterm.slow-requests-finish", lifetime(requests=[each for each in REQUESTS if each.client != "slow reader"])),
    ("sigterm.idle.exit-code", ends(idle=KILLED)),
    ("sigterm.idle.exit-code", ends(idle=BESIDE_KILLED)),
    ("sigterm.outage.exit-code", outages(ended=GONE)),
    ("sigterm.outage.within-grace", outages(ended=GONE)),
    ("outage.stopped.liveness", outages(liveness_succeeded=0)),
    ("memory.at-limit", at_limit(untold="nothing was killed")),
    ("memory.at-limit", at_limit(reached(), untold="nothing was killed the second time")),
    ("memory.at-limit", at_limit(requests=())),
    ("data.survives-restart", stored(written="status 500")),
    ("data.survives-restart", stored(before="status 200: []")),
    ("data.survives-restart", stored(before="status 404: no kept here")),
]


NAMED = [(scenario.name, each.claim.id) for scenario in SCENARIOS for each in scenario.claims]


@pytest.mark.parametrize(("scenario", "claim_id"), NAMED)
def test_claim_holds_of_what_is_good(scenario: str, claim_id: str) -> None:
    """With evidence."""
    judgement = CLAIMS[claim_id](GOOD[scenario])
    assert judgement.verdict is Verdict.HELD, judgement
    assert judgement.evidence


@pytest.mark.parametrize(("claim_id", "seen"), BROKEN, ids=[f"{name}-{at}" for at, (name, _) in enumerate(BROKEN)])
def test_claim_is_broken_by_what_it_is_about(claim_id: str, seen: Seen) -> None:
    """With evidence."""
    judgement = CLAIMS[claim_id](seen)
    assert judgement.verdict is Verdict.BROKEN, judgement
    assert judgement.evidence


def test_every_claim_is_seen_broken() -> None:
    """A claim that cannot be broken says nothing; one is about what the manifests do not promise."""
    assert {name for name, _ in BROKEN} == CLAIMS.keys() - {"podman.loses-none-either"}


def test_what_podman_alone_loses_is_counted_and_breaks_nothing() -> None:
    """Hooks are a promise to clusters."""
    judgement = CLAIMS["podman.loses-none-either"](podman_alone(requests=LOST))
    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert judgement.figures["lost"] == 1


@pytest.mark.parametrize(("scenario", "claim_id"), NAMED)
def test_claim_is_not_held_when_its_scenario_came_to_nothing(scenario: str, claim_id: str) -> None:
    """What was never ready has shown nothing but that."""
    assert CLAIMS[claim_id](NOT_READY[scenario]).verdict is not Verdict.HELD


@pytest.mark.parametrize(("claim_id", "seen"), UNTOLD, ids=[f"{name}-{at}" for at, (name, _) in enumerate(UNTOLD)])
def test_claim_is_not_run_where_nothing_can_be_told(claim_id: str, seen: Seen) -> None:
    """Too little traffic, or something that was wrong before."""
    assert CLAIMS[claim_id](seen).verdict is Verdict.NOT_RUN


def test_single_worker_may_take_the_container_with_it() -> None:
    """Under an init, as process 1, it is the service itself; with others beside it, they must not be ended for it."""
    for workers, verdict in ((1, Verdict.HELD), (2, Verdict.BROKEN)):
        seen = recovery(workers=workers, worker=recovered(restarts=1))
        assert CLAIMS["recovery.killed-worker"](seen).verdict is verdict


def test_second_signal_is_judged_by_the_container_that_has_it() -> None:
    """What ends beside it, and later, hides nothing."""
    beside = Termination("proxy", 0, 12.0, sigkilled=False)
    for seconds, verdict in ((1.1, Verdict.BROKEN), (10.0, Verdict.HELD)):
        once, twice = (replace(end, containers=(*end.containers, beside)) for end in map(termination, (10.0, seconds)))
        assert CLAIMS["sigterm.twice.as-once"](ends(idle=once, twice=twice)).verdict is verdict


def test_security_is_not_applicable_where_nothing_is_promised() -> None:
    """A manifest without a security context breaks no promise."""
    seen = lifetime(subject(securityContext={}), inside=inside(uids=frozenset({0}), capabilities=1))
    for claim_id in ("security.user", "security.capabilities", "security.root", "security.seccomp"):
        assert CLAIMS[claim_id](seen).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("what", ["liveness", "readiness", "recovers"])
def test_part_of_the_own_pod_cannot_be_cut_off(what: str) -> None:
    """Where nothing else is depended on, that is not applicable; the other outages are told as ever."""
    own = replace(subject(), parts=("store",))
    seen = replace(outages(), subject=own, outages=outages().outages[:-1])
    assert CLAIMS[f"outage.cut-off.{what}"](seen).verdict is Verdict.NOT_APPLICABLE
    assert CLAIMS[f"outage.stopped.{what}"](seen).verdict is Verdict.HELD
    beside = replace(seen, subject=replace(own, dependencies=tuple(own.objects[:1])))
    assert CLAIMS[f"outage.cut-off.{what}"](beside).verdict is Verdict.NOT_RUN


def test_dependency_that_never_had_an_outage_is_named() -> None:
    """What the other showed is not held then; what it broke stays broken."""
    two = replace(subject(), dependencies=(workload("db"), workload("queue")))
    for what in ("liveness", "readiness", "recovers"):
        judgement = CLAIMS[f"outage.stopped.{what}"](replace(outages(), subject=two))
        assert judgement.verdict is Verdict.NOT_RUN
        assert judgement.evidence[-1] == "queue: an outage before it was not survived"
    bad = replace(outages(recovered_seconds=None), subject=two)
    assert CLAIMS["outage.stopped.recovers"](bad).verdict is Verdict.BROKEN


def test_outage_that_readiness_follows_at_once_is_not_doubted() -> None:
    """What is doubted goes by the time until it followed, and not by the recovery's."""
    readiness = CLAIMS["outage.stopped.readiness"]
    assert [readiness(outages(promptly=promptly)).fallible for promptly in (False, True)] == [True, False]
    assert readiness.timed is not None
    assert [readiness.timed(seen) for seen in (outages(), outages(not_ready_seconds=None))] == [
        Window(10.0, 13.0),
        Window(10.0, 20.0),
    ]
