"""Outages of what it depends on: readiness follows them, liveness does not."""

from collections.abc import Callable, Iterator

from seatrial.trial.claims.ending import ending
from seatrial.trial.judgement import Judged, Judgement, broken, claim, held, held_by_failing, not_applicable, not_run
from seatrial.trial.machine import Machine
from seatrial.trial.probing import leaving_seconds
from seatrial.trial.seen import CUT_OFF, FAULTS, SLOW, Outage, Outages
from seatrial.trial.subject import Subject
from seatrial.trial.verdict import Verdict
from seatrial.trial.window import Window

NOT_SURVIVED = "an outage before it was not survived"


def _judged(seen: Outages, fault: str, judge: Callable[[tuple[Outage, ...]], Judgement]) -> Judgement:
    if fault == CUT_OFF and seen.subject.parts and not seen.subject.dependencies:
        return not_applicable(
            "what it depends on is in its own pod, and has the same network: localhost is not cut off"
        )
    found = tuple(each for each in seen.outages if each.fault == fault)
    if not found:
        return not_run(NOT_SURVIVED if seen.ready else "it was never ready")
    judgement, untried = judge(found), _dependencies(seen.subject, fault)[len(found) :]
    if untried and judgement.verdict is Verdict.HELD:
        return not_run(*judgement.evidence, f"{', '.join(untried)}: {NOT_SURVIVED}", **judgement.figures)
    return judgement


def _dependencies(subject: Subject, fault: str) -> list[str]:
    """Return what has to have an outage of a kind, in the order in which it has."""
    beside = [each["metadata"]["name"] for each in subject.dependencies]
    return beside if fault == CUT_OFF else [*beside, *subject.parts]


def _claims(fault: str) -> Iterator[Judged[Outages]]:
    name = fault.replace(" ", "-")

    def noticed(seen: Outages) -> Window | None:
        return Window.around(each.noticed for each in seen.outages if each.fault == fault)

    def suffered(seen: Outages) -> Window | None:
        return Window.around(each.window for each in seen.outages if each.fault == fault)

    @claim(
        f"outage.{name}.liveness",
        f"While a dependency is {fault}, it stays live, and is not restarted.",
        timed=suffered,
    )
    def liveness(seen: Outages) -> Judgement:
        probed = any(each.liveness for each in seen.subject.own)
        return _judged(seen, fault, lambda found: judge_liveness(found, probed=probed))

    @claim(f"outage.{name}.readiness", f"While a dependency is {fault}, it is not ready.", timed=noticed)
    def readiness(seen: Outages) -> Judgement:
        if seen.subject.container.readiness is None:
            return _judged(seen, fault, lambda _: not_applicable("it has no readiness probe"))
        return _judged(seen, fault, lambda found: judge_readiness(found, leaving_seconds(seen.subject.own)))

    @claim(
        f"outage.{name}.recovers",
        f"When a dependency that was {fault} is back, it is ready again by itself.",
        timed=suffered,
    )
    def recovers(seen: Outages) -> Judgement:
        return _judged(seen, fault, lambda found: judge_recovery(found, seen.machine))

    yield from (liveness, recovers) if fault == SLOW else (liveness, readiness, recovers)


def judge_liveness(outages: tuple[Outage, ...], *, probed: bool) -> Judgement:
    """Judge the liveness attempts during outages, and that nothing was restarted."""
    bad = [each for each in outages if each.liveness_failed or each.restarts]
    evidence = tuple(
        f"{each.dependency}: {each.liveness_succeeded} liveness attempts succeeded, {each.liveness_failed} failed,"
        f" {each.restarts} restarts"
        for each in bad or outages
    )
    if bad:
        return broken(*evidence, failed=sum(each.liveness_failed for each in bad))
    if not probed:
        return held(*evidence)
    if not all(each.liveness_succeeded for each in outages):
        return not_run(*evidence, "no liveness attempt was made in one of them")
    return held(*evidence, succeeded=min(each.liveness_succeeded for each in outages))


def judge_readiness(outages: tuple[Outage, ...], bound_seconds: float) -> Judgement:
    """Judge that readiness failed in each outage."""
    missed = [each for each in outages if each.not_ready_seconds is None]
    if missed:
        return broken(
            *(f"{each.dependency}: still ready after {each.ended - each.began:.1f} s" for each in missed),
            bound_seconds=bound_seconds,
        )
    times = {each.dependency: each.not_ready_seconds or 0.0 for each in outages}
    return (held if all(each.promptly for each in outages) else held_by_failing)(
        *(
            f"{name}: not ready after {seconds:.1f} s; the bound is {bound_seconds:g} s"
            for name, seconds in times.items()
        ),
        seconds=max(times.values()),
        bound_seconds=bound_seconds,
    )


def judge_recovery(outages: tuple[Outage, ...], machine: Machine) -> Judgement:
    """Judge that it was ready again soon after each dependency was, without a restart."""
    evidence = tuple(
        f"{each.dependency}: "
        + (
            "not ready again"
            if each.recovered_seconds is None
            else f"ready again {each.recovered_seconds:.1f} s after it"
        )
        + f"; {machine.bound(each.recovery_limit_seconds)} are allowed; {each.restarts} restarts"
        for each in outages
    )
    bad = [each for each in outages if each.recovered_seconds is None or each.restarts]
    seconds = max((each.recovered_seconds or 0.0 for each in outages), default=0.0)
    return (broken if bad else held)(*evidence, seconds=seconds)


CLAIMS = (
    *(judged for fault in FAULTS for judged in _claims(fault)),
    *ending("sigterm.outage", "while a dependency is gone", lambda seen: seen.ended),
)
