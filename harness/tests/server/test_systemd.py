"""systemd, as far as it needs no systemd."""

from pathlib import Path

import pytest

from seatrial.server import systemd
from seatrial.server.errors import ServerError
from seatrial.server.systemd import Systemd


@pytest.mark.parametrize("user", [True, False])
def test_a_machine_without_quadlet_is_told_that_a_podman_in_a_checkout_runs_no_units(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, user: bool
) -> None:
    """Nothing is installed that would never start; the system's own podman brings Quadlet for each scope."""
    monkeypatch.setattr(systemd, "GENERATORS", (tmp_path / "etc", tmp_path / "usr"))
    with pytest.raises(ServerError, match="systemd has no Quadlet here"):
        Systemd(user=user).makes_units()
    scope = "user" if user else "system"
    generator = tmp_path / "usr" / f"{scope}-generators" / f"podman-{scope}-generator"
    generator.parent.mkdir(parents=True)
    generator.touch()
    Systemd(user=user).makes_units()
