"""The installation's files: what a crash between any two of them leaves is what there was, or what is."""

import asyncio
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from seatrial.podman.client import Podman
from seatrial.server import installation as module
from seatrial.server.errors import ServerError
from seatrial.server.installation import Installation
from tests.overlays import CHECKOUT

COLOUR = "seatrial-green"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Return an installation of two colours and a proxy."""
    made = Installation(tmp_path)
    made.write_units(CHECKOUT / "quadlet", ("seatrial-blue", COLOUR, "seatrial-proxy"))
    return made


def test_withdrawn_proposal_leaves_what_was_there(installation: Installation) -> None:
    """The YAML of before is back."""
    installation.write_yaml(COLOUR, "old")
    installation.propose(COLOUR, "new")
    assert installation.yaml(COLOUR).read_text() == "new"
    assert installation.proposed(COLOUR)
    installation.withdraw(COLOUR)
    assert installation.yaml(COLOUR).read_text() == "old"
    assert not installation.proposed(COLOUR)


def test_withdrawn_first_proposal_leaves_nothing(installation: Installation) -> None:
    """There was no YAML, and there is none."""
    installation.propose(COLOUR, "new")
    installation.withdraw(COLOUR)
    assert not installation.yaml(COLOUR).exists()


def test_accepted_proposal_stays(installation: Installation) -> None:
    """There is nothing left to withdraw."""
    installation.write_yaml(COLOUR, "old")
    installation.propose(COLOUR, "new")
    installation.accept(COLOUR)
    installation.withdraw(COLOUR)
    assert installation.yaml(COLOUR).read_text() == "new"


def test_colour_starts_at_boot_only_when_it_is_said_to(installation: Installation) -> None:
    """By a drop-in of its unit, which is also what makes it `seatrial.service`."""
    assert not installation.at_boot(COLOUR)
    installation.set_at_boot(COLOUR, starts=True)
    assert installation.at_boot(COLOUR)
    (drop_in,) = installation.directory.glob(f"{COLOUR}.kube.d/*.conf")
    assert "Alias=seatrial.service" in drop_in.read_text()
    installation.set_at_boot(COLOUR, starts=False)
    assert not installation.at_boot(COLOUR)


def test_second_holder_is_refused_and_the_lock_dies_with_the_first(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as another process holds it; SIGKILL to that one frees it."""
    reader, writer = os.pipe()

    def hold() -> None:
        with installation.alone():
            os.write(writer, b"held")
            signal.pause()

    holder = multiprocessing.get_context("fork").Process(target=hold)
    holder.start()
    assert os.read(reader, 4) == b"held"
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.3)
    with pytest.raises(ServerError, match="another rollout"), installation.alone():
        pass
    holder.kill()
    holder.join()
    with installation.alone():
        pass


def test_lock_of_a_killed_tool_lasts_until_its_command_has_ended(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the command does may be the switch: nobody may look which colour is live before it is done."""
    go, done = tmp_path / "go", tmp_path / "done"
    os.mkfifo(go)
    slow = tmp_path / "podman"
    slow.write_text(f"#!/bin/sh\necho started >{go}.pipe\nread line <{go}\ntouch {done}\n")
    slow.chmod(0o755)
    os.mkfifo(f"{go}.pipe")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def switch() -> None:
        with installation.alone() as lock:
            asyncio.run(Podman(held=(lock,)).exec("proxy", ("true",)))

    tool = multiprocessing.get_context("fork").Process(target=switch)
    tool.start()
    assert Path(f"{go}.pipe").read_text() == "started\n"
    tool.kill()
    tool.join()
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.3)
    with pytest.raises(ServerError, match="another rollout"), installation.alone():
        pass
    monkeypatch.setattr(module, "LOCK_SECONDS", 20.0)
    go.write_text("go\n")
    with installation.alone():
        assert done.exists()


def test_nothing_installed_is_said_so(tmp_path: Path) -> None:
    """Before anything else is tried."""
    with pytest.raises(ServerError, match="nothing is installed"), Installation(tmp_path).alone():
        pass


def test_interrupted_installation_has_no_overlay_and_may_be_installed_again(installation: Installation) -> None:
    """The units alone say nothing of an overlay, which forbids no other one."""
    assert installation.overlays == set()
    with pytest.raises(ServerError, match="nothing is installed"):
        _ = installation.overlay
