"""SIGTERM under load: what is done, what is seen, and what of it would be wrong."""

import asyncio
import time
from dataclasses import dataclass

from tests.e2e import notes
from tests.harness.deployment import Deployment
from tests.harness.exchange import Outcome
from tests.harness.manifests import Probe
from tests.harness.termination import Termination
from tests.harness.timeline import Event, Kind
from tests.harness.traffic import Traffic, hold

MIN_REQUESTS = 2000
MIN_RATE = 200.0
WARM_UP_REQUESTS = 300
READY_LIMIT_SECONDS = 120.0


@dataclass(frozen=True)
class Observation:
    """One termination under load; times are of time.monotonic()."""

    deleted_at: float
    lame_duck_seconds: float
    grace_seconds: float
    readiness: Probe
    first_failed_attempt: Event | None
    termination: Termination
    before: list[Outcome]
    during: list[Outcome]
    in_flight: Outcome
    summary: str


async def terminate_under_load(deployment: Deployment) -> Observation:
    """Send mixed traffic, delete the pod, and go on sending for the whole lame duck.

    One upload begins with the lame duck and ends after it: it is in flight when the listener closes.
    """
    pod = deployment.pod
    await pod.until_ready(READY_LIMIT_SECONDS)
    port, lame_duck_seconds = pod.host_port(notes.PORT), _lame_duck_seconds(deployment)
    async with Traffic(port, notes.mixed()) as traffic:
        await pod.until(lambda: len(traffic.outcomes) >= WARM_UP_REQUESTS, READY_LIMIT_SECONDS, "traffic flows")
        deleted_at = time.monotonic()
        async with asyncio.TaskGroup() as group:
            terminating = group.create_task(pod.terminate())
            held = group.create_task(hold(port, notes.write(), for_seconds=lame_duck_seconds + 1))
            await asyncio.sleep(deleted_at + lame_duck_seconds - time.monotonic())
            await traffic.stop()
    container = pod.template.containers[0]
    assert container.readiness
    return Observation(
        deleted_at=deleted_at,
        lame_duck_seconds=lame_duck_seconds,
        grace_seconds=pod.template.grace_period_seconds,
        readiness=container.readiness,
        first_failed_attempt=pod.timeline.first(Kind.ATTEMPT_FAILED, f"{container.name}/readiness", deleted_at),
        termination=terminating.result()[0],
        before=[outcome for outcome in traffic.outcomes if outcome.sent_at < deleted_at],
        during=[outcome for outcome in traffic.outcomes if outcome.sent_at >= deleted_at],
        in_flight=held.result(),
        summary=str(traffic),
    )


def breaches(seen: Observation) -> list[str]:
    """Return what a load balancer or its users would have to complain of."""
    found = []
    failed = [outcome for outcome in seen.before + seen.during if not outcome.ok]
    if failed:
        found.append(f"requests failed: {len(failed)} of {len(seen.before + seen.during)}")
    if len(seen.during) < MIN_REQUESTS or len(seen.during) / seen.lame_duck_seconds < MIN_RATE:
        found.append(f"too little traffic to tell: {len(seen.during)} requests in {seen.lame_duck_seconds:g} s")
    if not seen.in_flight.ok:
        found.append(f"the request in flight at the end of the lame duck failed: {seen.in_flight}")
    if not any(outcome.closing for outcome in seen.during):
        found.append("no answer said `Connection: close`")
    noticed_within = seen.readiness.period_seconds + seen.readiness.timeout_seconds
    failed_attempt = seen.first_failed_attempt
    if failed_attempt is None or failed_attempt.at - seen.deleted_at > noticed_within:
        found.append(f"readiness did not fail within one period: {failed_attempt}")
    elif "503" not in failed_attempt.detail:
        found.append(f"readiness failed without an answer: {failed_attempt.detail}")
    if seen.termination.exit_code != 0:
        found.append(f"exit code {seen.termination.exit_code}")
    if seen.termination.sigkilled:
        found.append("SIGKILL was needed")
    if seen.termination.seconds >= seen.grace_seconds:
        found.append(f"it took {seen.termination.seconds:.1f} s of a grace period of {seen.grace_seconds:g} s")
    return found


def _lame_duck_seconds(deployment: Deployment) -> float:
    (settings,) = (found["data"] for found in deployment.objects if found["kind"] == "ConfigMap")
    return float(settings["APP_LAME_DUCK_SECONDS"])
