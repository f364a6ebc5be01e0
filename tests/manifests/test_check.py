"""Every static claim can be seen broken: through `seatrial check`, and through the static side of a trial."""

import io
from pathlib import Path

import pytest

from seatrial.check.checking import check
from seatrial.contracts import CONTRACTS, Contract, Overlay
from seatrial.manifests.kustomize import dump
from seatrial.manifests.source import Rendered
from seatrial.trial import static
from seatrial.trial.verdict import Verdict
from tests.manifests.mutant import Mutant
from tests.manifests.mutations import MUTATIONS


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
async def test_static_claim_is_seen_broken_by_a_mutation(
    contract: Contract, overlays: dict[str, Overlay], tmp_path: Path
) -> None:
    """At a line of the file; a contract without a mutation fails here."""
    mutation = next(each for each in MUTATIONS if each.contract == contract.name)
    mutant = Mutant(overlays[mutation.overlay])
    mutation.change(mutant)
    path, runtime = tmp_path / "mutant.yaml", mutant.original.runtime
    path.write_text(dump(mutant.objects))
    claim = f"yaml.{contract.name.replace('_', '-')}"
    rendered = Rendered("mutant")
    rendered.add_text(path.read_text(), str(path))
    checked = (await check([str(path)], runtime, io.BytesIO())).findings
    for found in (checked, static.findings(rendered, {}, runtime)):
        (finding,) = (each for each in found if each.claim.id == claim)
        assert finding.verdict is Verdict.BROKEN
        assert all(each.file == str(path) and each.line for each in finding.breaches)


async def test_overlay_that_no_mutation_was_made_of_holds(overlays: dict[str, Overlay], tmp_path: Path) -> None:
    """As what it looks like: nobody has to say whether it is for podman."""
    for name, overlay in overlays.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(dump([*overlay.objects]))
        found = await check([str(path)], None, io.BytesIO())
        assert found.runtime == f"none; judged as for {overlay.runtime}"
        assert [each.claim.id for each in (*found.broken, *found.not_run)] == []
