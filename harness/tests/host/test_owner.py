"""Whether the process that a run is of still lives."""

import subprocess
import sys

import pytest

from seatrial.host.owner import is_gone, this_process

TELL = "from seatrial.host.owner import this_process; print(this_process(), flush=True); input()"


def test_process_that_lives_is_not_gone_and_one_that_has_ended_is() -> None:
    """Another process, told by what it says of itself."""
    with subprocess.Popen(  # as the harness of another run
        [sys.executable, "-c", TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        said = other.stdout.readline().strip()
        assert not is_gone(said)
        other.kill()
        other.wait()
        assert is_gone(said)
    assert not is_gone(this_process())


def test_pid_that_another_process_has_by_now_is_gone() -> None:
    """A pid is used again; its start tells."""
    boot, namespace, pid, started = this_process().split(".")
    assert is_gone(f"{boot}.{namespace}.{pid}.{int(started) - 1}")


def test_process_of_another_boot_is_gone() -> None:
    """Nothing outlives it."""
    _, namespace, pid, started = this_process().split(".")
    assert is_gone(f"another.{namespace}.{pid}.{started}")


@pytest.mark.parametrize("said", ["", "x", "a.b.c.d", "1.2.3"])
def test_what_cannot_be_told_is_not_gone(said: str) -> None:
    """What is not certainly nobody's is left alone."""
    assert not is_gone(said)


def test_process_of_another_namespace_is_not_gone() -> None:
    """Its pid means nothing here."""
    boot, namespace, _, _ = this_process().split(".")
    assert not is_gone(f"{boot}.{int(namespace) + 1}.99999999.1")
