"""SIGTERM under load: the claim, and the control that must fail it."""

from pathlib import Path

from tests.e2e.sigterm import breaches, terminate_under_load
from tests.harness.deployment import deployed


async def test_sigterm_under_load_fails_no_request(overlay: Path) -> None:
    """Thousands of requests for the whole lame duck, each answered; exit code 0 within the grace period."""
    async with deployed(overlay) as deployment:
        seen = await terminate_under_load(deployment)
        assert breaches(seen) == [], f"{seen.summary}\n{await deployment.pod.report()}"


async def test_sigterm_under_load_fails_requests_when_served_as_tutorials_do(tutorial: Path) -> None:
    """The same app without a lame duck breaks the same claim: connections are refused while requests still come."""
    async with deployed(tutorial) as deployment:
        seen = await terminate_under_load(deployment)
        found = breaches(seen)
        assert any(breach.startswith("requests failed") for breach in found), f"{found}\n{seen.summary}"
        assert all(outcome.ok for outcome in seen.before), "it must be good until it is terminated"
        assert "refused" in seen.summary or "reset" in seen.summary
