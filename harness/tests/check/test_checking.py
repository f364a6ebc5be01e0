"""Checking: one verdict on all that was given."""

import io
from pathlib import Path
from typing import Any

import pytest

from harness.tests.contracts.deployments import container, workload
from seatrial.check.checking import check, exit_code
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object, dump
from seatrial.trial.verdict import Finding, Trial, Verdict

UNPINNED = "yaml.images-are-pinned"


async def checked(*objects: Object, text: str = "", runtime: str | None = None) -> dict[str, Finding]:
    """Return the findings on objects that are piped in, by the claims."""
    found = await check(["-"], runtime, io.BytesIO((text or dump([*objects])).encode()))  # type: ignore[arg-type]
    return {each.claim.id: each for each in found.findings}


async def test_document_that_cannot_be_read_leaves_the_others_judged() -> None:
    """What could not be read is not run, and never held."""
    text = f"{dump([workload('Pod', container('app', image='app'))])}---\nkind: [\n"
    found = await checked(text=text)
    assert found[UNPINNED].verdict is Verdict.BROKEN
    assert found["yaml.is-read"].verdict is Verdict.NOT_RUN
    assert found["yaml.is-read"].evidence[0].startswith("stdin:")


async def test_runtime_is_what_it_is_written_for_unless_it_is_said() -> None:
    """What is not asked says of what it would be."""
    pod = workload("Pod", container("app"))
    for runtime, isolated in ((None, Verdict.BROKEN), ("cluster", Verdict.BROKEN), ("podman", Verdict.NOT_ASKED)):
        assert (await checked(pod, runtime=runtime))["yaml.pods-are-isolated"].verdict is isolated


async def test_breach_that_two_overlays_share_is_one(tmp_path: Path) -> None:
    """It stands in their base, once."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base/pod.yaml").write_text(dump([workload("Pod", container("app", image="app"))]))
    (tmp_path / "base/kustomization.yaml").write_text("resources: [pod.yaml]\n")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kustomization.yaml").write_text("resources: [../base]\n")
    found = await check([str(tmp_path)], None, io.BytesIO())
    (finding,) = (each for each in found.findings if each.claim.id == UNPINNED)
    (breach,) = finding.breaches
    assert breach.file == str((tmp_path / "base/pod.yaml").resolve())


async def test_exemption_beside_the_files_counts(tmp_path: Path) -> None:
    """And one of a claim that there is not is refused."""
    (tmp_path / "pod.yaml").write_text(dump([workload("Pod", container("app", image="app"))]))
    (tmp_path / "trial.toml").write_text(
        f'[exempt]\n"{UNPINNED}" = "a mirror pins it"\n"sigterm.no-request-lost" = "x"\n'
    )
    found = await check([str(tmp_path / "pod.yaml")], None, io.BytesIO())
    assert [each.exempt for each in found.findings if each.claim.id == UNPINNED] == ["a mirror pins it"]
    (tmp_path / "trial.toml").write_text('[exempt]\n"yaml.images" = "x"\n')
    with pytest.raises(ManifestError, match=r"trial.toml exempts yaml.images; there are yaml"):
        await check([str(tmp_path / "pod.yaml")], None, io.BytesIO())


@pytest.mark.parametrize(
    ("objects", "severity", "code"),
    [
        ([workload("Pod", container("app"))], "warning", 1),
        ([workload("Pod", container("app"))], "error", 0),
        ([workload("Pod", container("app", volumeMounts=[{"name": "none", "mountPath": "/x"}]))], "error", 1),
        ([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}}], "warning", 0),
    ],
)
async def test_exit_code_is_of_the_severity_that_fails(objects: list[Object], severity: str, code: int) -> None:
    """A warning fails as an error does, unless it is said to be none."""
    found = await check(["-"], None, io.BytesIO(dump(objects).encode()))
    assert exit_code(found, severity) == code


async def test_what_could_not_be_told_fails_with_another_code() -> None:
    """Unless something is broken, which is known."""
    found: Trial = await check(["-"], None, io.BytesIO(b"kind: ["))
    assert exit_code(found) == exit_code(found, "error") == 2


PLACES = [
    ("metadata",),
    ("metadata", "namespace"),
    ("metadata", "labels"),
    ("metadata", "annotations"),
    ("spec",),
    ("spec", "containers"),
    ("spec", "containers", 0),
    ("spec", "containers", 0, "name"),
]


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("value", [None, "x", 7, [], {}, ["x"], {"a": None}], ids=str)
async def test_odd_value_is_told_and_trips_nothing(place: tuple[str | int, ...], value: Any) -> None:
    """Whatever stands where, all claims have a verdict, and none is a defect of the tool."""
    pod = workload("Pod", container("app"))
    parent: Any = pod
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = value
    found = await checked(pod)
    told = [line for each in found.values() for line in each.evidence]
    assert not [line for line in told if "defect" in line]
    assert {each.verdict for each in found.values()} & {Verdict.BROKEN, Verdict.NOT_RUN, Verdict.HELD}
