"""Static claims: what becomes of a contract as a finding."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness.tests.contracts.deployments import container, workload
from seatrial.contracts import CONTRACTS, Overlay
from seatrial.contracts.contract import Check
from seatrial.trial.static import findings, judge, written_for
from seatrial.trial.verdict import Verdict


def test_contract_that_trips_leaves_its_claim_alone_not_run() -> None:
    """With what it tripped over, and where."""

    def trips(_: Overlay) -> Iterator[Check]:
        raise KeyError("name")

    found = judge(replace(CONTRACTS[0], judge=trips), Overlay("theirs", []))
    assert (found.verdict, found.evidence[0]) == (Verdict.NOT_RUN, "a defect of the harness: KeyError: 'name'")
    assert found.evidence[1].endswith("in trips")


@pytest.mark.parametrize(("hook", "judged"), [("test", False), ("pre-install", True)])
def test_test_of_a_chart_is_not_judged(hook: str, *, judged: bool) -> None:
    """A hook that Helm installs is."""
    pod = workload("Pod", container("app", image="app"))
    pod["metadata"]["annotations"] = {"helm.sh/hook": hook}
    broken = {each.claim.id for each in findings([pod], "x", {}) if each.verdict is Verdict.BROKEN}
    assert ("yaml.images-are-pinned" in broken) is judged


def test_claim_of_another_runtime_is_not_asked() -> None:
    """And says so, which is something else than that there is nothing it is about."""
    pod = workload("Pod", container("app"))
    told = {each.claim.id: each for each in findings([pod], "x", {})}
    assert told["yaml.pods-are-isolated"].verdict is Verdict.BROKEN
    assert told["yaml.podman-users-are-numbers"].verdict is Verdict.NOT_ASKED
    assert "written for podman" in told["yaml.podman-users-are-numbers"].evidence[0]
    assert told["yaml.autoscaler-keeps-two"].verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(("port", "runtime"), [({"hostPort": 8080}, "podman"), ({}, "cluster")])
def test_what_publishes_ports_on_the_host_is_written_for_podman(port: dict[str, int], runtime: str) -> None:
    """All else is for a cluster."""
    assert written_for([workload("Pod", container("app", ports=[{"containerPort": 8080, **port}]))]) == runtime
