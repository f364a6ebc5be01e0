"""SIGTERM under load: the claim, and the control that must fail it."""

from pathlib import Path

from seatrial.manifests.kustomize import Object
from seatrial.runtime import Runtime
from tests.e2e.sigterm import breaches, terminate_under_load


async def test_sigterm_under_load_fails_no_request(runtime: Runtime, overlay: Path) -> None:
    """Thousands of requests for the whole lame duck, each answered; exit code 0 within the grace period."""
    async with runtime.deployed(overlay) as deployment:
        seen = await terminate_under_load(deployment)
        assert breaches(seen) == [], f"{seen.summary}\n{await deployment.pod.report()}"


async def test_sigterm_under_load_fails_requests_when_served_as_tutorials_do(
    runtime: Runtime, tutorial: list[Object]
) -> None:
    """The same app without a lame duck breaks the same claim: connections are refused while requests still come."""
    async with runtime.deployed(tutorial) as deployment:
        seen = await terminate_under_load(deployment)
        found = breaches(seen)
        assert any(breach.startswith("requests failed") for breach in found), f"{found}\n{seen.summary}"
        answered = [outcome for outcome in seen.before if outcome.ended_at < seen.signalled_at]
        assert all(outcome.ok for outcome in answered), "it must be good until it is terminated"
        assert any(word in seen.summary for word in ("refused", "reset", "closed without answer"))
