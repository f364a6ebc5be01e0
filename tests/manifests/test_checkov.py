"""Checkov over the rendered overlays: `make lint` runs all of them; here, that it does look."""

import asyncio
from collections.abc import Iterator

from seatrial.contracts import Overlay
from tests.manifests.checkov import scan
from tests.manifests.coverage import CHECKS
from tests.manifests.mutant import Mutant

SKIP = "checkov.io/skip"


def _exemptions(overlay: Overlay) -> Iterator[tuple[str, str]]:
    for found in overlay.objects:
        for name, value in found["metadata"].get("annotations", {}).items():
            if name.startswith(SKIP):
                check, _, reason = value.partition("=")
                yield check, reason


def test_exemption_names_a_check_and_its_reason(overlay: Overlay) -> None:
    """An object that is excused from one of Checkov's checks says from which and why."""
    for check, reason in _exemptions(overlay):
        assert check in CHECKS["Checkov"]
        assert len(reason.split()) > 1


def test_checkov_fails_what_is_not_excused(overlays: dict[str, Overlay]) -> None:
    """Without its annotations the same overlay fails exactly what they excused."""
    mutant = Mutant(overlays["podman"])
    for found in mutant.objects:
        found["metadata"].pop("annotations", None)
    failed = asyncio.run(scan({"podman": mutant.overlay()})).failed
    assert {line.split(": ")[2] for line in failed} == {check for check, _ in _exemptions(overlays["podman"])}
