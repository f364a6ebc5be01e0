"""What the podman module decides by itself; what it does is proven end to end."""

from pathlib import Path

import pytest

from seatrial.podman import client

OVERRIDE = "CONTAINERS_CONF_OVERRIDE"


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the path where the bootstrap would write podman's settings; nothing is there."""
    path = tmp_path / "containers.conf"
    monkeypatch.setattr(client, "CONTAINERS_CONF", path)
    monkeypatch.delenv(OVERRIDE, raising=False)
    return path


def test_environment_points_at_the_bootstraps_settings_when_there_are_any(conf: Path) -> None:
    """A machine without them, or not bootstrapped, gets podman's own defaults."""
    assert OVERRIDE not in client.environment()
    conf.touch()
    assert client.environment()[OVERRIDE] == str(conf)


def test_environment_keeps_what_is_given(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's own override wins."""
    conf.touch()
    monkeypatch.setenv(OVERRIDE, "/own.conf")
    assert client.environment()[OVERRIDE] == "/own.conf"
