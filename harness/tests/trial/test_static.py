"""Static claims: what becomes of a contract as a finding."""

from collections.abc import Iterator
from dataclasses import replace

from harness.tests.contracts.deployments import container, workload
from seatrial.contracts import CONTRACTS, Overlay
from seatrial.contracts.contract import Check
from seatrial.trial.static import findings, judge
from seatrial.trial.verdict import Verdict


def test_contract_that_trips_leaves_its_claim_alone_not_run() -> None:
    """With what it tripped over, and where."""

    def trips(_: Overlay) -> Iterator[Check]:
        raise KeyError("name")

    found = judge(replace(CONTRACTS[0], judge=trips), Overlay("theirs", []))
    assert (found.verdict, found.evidence[0]) == (Verdict.NOT_RUN, "a defect of the harness: KeyError: 'name'")
    assert found.evidence[1].endswith("in trips")


def test_test_of_a_chart_is_not_judged() -> None:
    """A hook that Helm installs is."""
    pod = workload("Pod", container("app", image="app"))
    broken = []
    for hook in ("test", "pre-install"):
        pod["metadata"]["annotations"] = {"helm.sh/hook": hook}
        broken.append([each.claim.id for each in findings([pod], "x", {}) if each.verdict is Verdict.BROKEN])
    assert broken == [[], ["yaml.images-are-pinned"]]
