"""Static claims: what becomes of a contract as a finding."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness.tests.contracts.deployments import container, workload
from seatrial.contracts import CONTRACTS, Overlay
from seatrial.contracts.contract import Check
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object, dump
from seatrial.manifests.source import Rendered
from seatrial.trial import exemptions
from seatrial.trial.static import findings, judge, written_for
from seatrial.trial.verdict import Verdict


def deployed(*objects: Object) -> Rendered:
    """Return objects as they are read from a file."""
    found = Rendered("x")
    found.add_text(dump([*objects]), "x.yaml")
    return found


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
    broken = {each.claim.id for each in findings(deployed(pod), {}) if each.verdict is Verdict.BROKEN}
    assert ("yaml.images-are-pinned" in broken) is judged


def test_claim_of_another_runtime_is_not_asked() -> None:
    """And says so, which is something else than that there is nothing it is about."""
    pod = workload("Pod", container("app"))
    told = {each.claim.id: each for each in findings(deployed(pod), {})}
    assert told["yaml.pods-are-isolated"].verdict is Verdict.BROKEN
    assert told["yaml.podman-users-are-numbers"].verdict is Verdict.NOT_ASKED
    assert "written for podman" in told["yaml.podman-users-are-numbers"].evidence[0]
    assert told["yaml.autoscaler-keeps-two"].verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("port", "network", "runtime"),
    [({"hostPort": 8080}, False, "podman"), ({}, False, "cluster"), ({"hostPort": 8080}, True, "cluster")],
)
def test_what_publishes_ports_on_the_host_is_written_for_podman(
    port: dict[str, int], runtime: str, *, network: bool
) -> None:
    """All else is for a cluster, and so is what has its node's network."""
    pod = workload("Pod", container("app", ports=[{"containerPort": 8080, **port}]))
    pod["spec"]["hostNetwork"] = network
    assert written_for([pod]) == runtime


EXEMPT = "seatrial.dev/exempt.yaml.images-are-pinned"


def test_breach_is_named_by_its_line() -> None:
    """The field's, and the object with its namespace."""
    pod = workload("Pod", container("app", image="app"))
    pod["metadata"]["namespace"] = "shop"
    rendered = deployed(workload("Pod", container("other")), pod)
    (found,) = (each for each in findings(rendered, {}) if each.claim.id == "yaml.images-are-pinned")
    (breach,) = found.breaches
    lines = dump(rendered.objects).splitlines()
    assert (breach.object, breach.where, breach.file) == ("Pod shop/app", "Pod app, container app", "x.yaml")
    assert breach.line == lines.index("    image: app") + 1


@pytest.mark.parametrize(
    ("reasons", "exempt"), [(("old", "old"), "old"), (("old", "new"), "old; new"), (("old",), None)]
)
def test_object_is_exempt_for_its_own_reason(reasons: tuple[str, ...], exempt: str | None) -> None:
    """The claim is, where all objects that break it are."""
    pods = [workload("Pod", container(name, image="app")) for name in ("one", "other")]
    for pod, reason in zip(pods, reasons, strict=False):
        pod["metadata"]["annotations"] = {EXEMPT: reason}
    (found,) = (each for each in findings(deployed(*pods), {}) if each.claim.id == "yaml.images-are-pinned")
    assert (found.verdict, found.exempt) == (Verdict.BROKEN, exempt)
    assert [each.exempt for each in found.breaches] == [*reasons, None][:2]


@pytest.mark.parametrize(
    ("annotation", "reason", "words"),
    [
        (EXEMPT, " ", r"x.yaml:\d+: Pod app: the annotation .*pinned must say why; given: ' '"),
        ("seatrial.dev/exempt.images", "old", "exempt.images is of no claim; there are yaml"),
    ],
)
def test_exemption_without_a_reason_or_a_claim_is_refused(annotation: str, reason: str, words: str) -> None:
    """Its place is named, and what is allowed."""
    pod = workload("Pod", container("app"))
    pod["metadata"]["annotations"] = {annotation: reason}
    with pytest.raises(ManifestError, match=words):
        exemptions.check(deployed(pod), {"yaml.images-are-pinned"})
    pod["metadata"]["annotations"] = {EXEMPT: "old"}
    exemptions.check(deployed(pod), {"yaml.images-are-pinned"})
