"""SIGTERM under load: what is done, what is seen, and what of it would be wrong."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.kubelet.termination import Termination
from seatrial.manifests.probe import Probe
from seatrial.runtime import Deployment
from seatrial.timeline import Event, Kind
from seatrial.traffic.exchange import Outcome
from tests.e2e import notes

MIN_REQUESTS = 500
"""Fewer could miss a moment in which all are lost; how many more there are says how fast the machine is."""
WARM_UP_REQUESTS = 300
READY_LIMIT_SECONDS = 120.0
UPLOAD_SECONDS = 4.0
DELIVERY_SECONDS = 0.5  # from the runtime's word to the process's handler


@dataclass(frozen=True)
class Observation:
    """One termination under load; times are of time.monotonic()."""

    signalled_at: float
    lame_duck_seconds: float
    grace_seconds: float
    readiness: Probe
    first_attempt: Event | None
    termination: Termination
    before: list[Outcome]
    during: list[Outcome]
    in_flight: Outcome
    summary: str


async def terminate_under_load(deployment: Deployment) -> Observation:
    """Send mixed traffic, delete the pod, and go on sending for the whole lame duck, which begins with the signal.

    One upload begins in the lame duck and ends after it: it is in flight when the listener closes.
    """
    pod = deployment.pod
    container = pod.template.containers[0]
    assert container.readiness
    await pod.until_ready(READY_LIMIT_SECONDS)
    lame_duck_seconds = _lame_duck_seconds(deployment)
    async with deployment.traffic(notes.PORT, notes.mixed()) as traffic, asyncio.TaskGroup() as group:
        await pod.until(lambda: len(traffic.outcomes) >= WARM_UP_REQUESTS, READY_LIMIT_SECONDS, "traffic flows")
        terminating = group.create_task(pod.terminate())
        await pod.until(lambda: bool(pod.timeline.of(Kind.SIGNALLED)), READY_LIMIT_SECONDS, "it is signalled")
        signalled_at = pod.timeline.of(Kind.SIGNALLED)[0].at
        await asyncio.sleep(signalled_at + lame_duck_seconds - UPLOAD_SECONDS / 2 - time.monotonic())
        held = group.create_task(deployment.hold(pod, notes.PORT, notes.write(), for_seconds=UPLOAD_SECONDS))
        await asyncio.sleep(signalled_at + lame_duck_seconds - time.monotonic())
        await traffic.stop()
    attempts = pod.timeline.of(
        Kind.ATTEMPT_SUCCEEDED,
        Kind.ATTEMPT_FAILED,
        subject=f"{container.name}/readiness",
        since=signalled_at + DELIVERY_SECONDS,
    )
    return Observation(
        signalled_at=signalled_at,
        lame_duck_seconds=lame_duck_seconds,
        grace_seconds=pod.template.grace_period_seconds,
        readiness=container.readiness,
        first_attempt=next(iter(attempts), None),
        termination=terminating.result()[0],
        before=[outcome for outcome in traffic.outcomes if outcome.sent_at < signalled_at],
        during=[outcome for outcome in traffic.outcomes if outcome.sent_at >= signalled_at],
        in_flight=held.result(),
        summary=str(traffic),
    )


def breaches(seen: Observation) -> list[str]:
    """Return what a load balancer or its users would have to complain of."""
    return [*_of_requests(seen), *_of_readiness(seen), *_of_the_end(seen)]


def _of_requests(seen: Observation) -> Iterator[str]:
    failed = [outcome for outcome in seen.before + seen.during if not outcome.ok]
    if failed:
        yield f"requests failed: {len(failed)} of {len(seen.before + seen.during)}"
    if len(seen.during) < MIN_REQUESTS:
        yield f"too little traffic to tell: {len(seen.during)} requests in {seen.lame_duck_seconds:g} s"
    if not any(outcome.closing for outcome in seen.during):
        yield "no answer said `Connection: close`"
    if not seen.in_flight.ok:
        yield f"the request in flight at the end of the lame duck failed: {seen.in_flight}"
    if seen.in_flight.ended_at <= seen.signalled_at + seen.lame_duck_seconds:
        yield "nothing was in flight at the end of the lame duck"


def _of_readiness(seen: Observation) -> Iterator[str]:
    within = DELIVERY_SECONDS + seen.readiness.period_seconds + seen.readiness.timeout_seconds
    first = seen.first_attempt
    if first is None or first.kind is not Kind.ATTEMPT_FAILED or first.at - seen.signalled_at > within:
        yield f"the first readiness attempt after the signal did not fail: {first}"
    elif "503" not in first.detail:
        yield f"readiness failed without an answer: {first.detail}"


def _of_the_end(seen: Observation) -> Iterator[str]:
    if seen.termination.exit_code != 0:
        yield f"exit code {seen.termination.exit_code}"
    if seen.termination.sigkilled:
        yield "SIGKILL was needed"
    if seen.termination.seconds >= seen.grace_seconds:
        yield f"it took {seen.termination.seconds:.1f} s of a grace period of {seen.grace_seconds:g} s"


def _lame_duck_seconds(deployment: Deployment) -> float:
    settings = [found["data"] for found in deployment.objects if found["kind"] == "ConfigMap"]
    (seconds,) = (data["APP_LAME_DUCK_SECONDS"] for data in settings if "APP_LAME_DUCK_SECONDS" in data)
    return float(seconds)
