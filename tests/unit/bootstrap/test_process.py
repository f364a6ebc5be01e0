"""Running other programs, when something comes between."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap.errors import BootstrapError
from bootstrap.process import output_of, run
from bootstrap.tools import CHECKOUT

CALLER = "import sys; from bootstrap.process import run_to_its_end; run_to_its_end(['sh', '-c', sys.argv[1]])"
INSTALLATION = "echo >started; until [ -e go ]; do sleep 0.05; done; echo >done"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_installation_that_is_interrupted_comes_to_its_end_first(tmp_path: Path, number: signal.Signals) -> None:
    """The system's packages are not left by half; then the interrupt has its effect."""
    caller = subprocess.Popen(
        (sys.executable, "-c", f"import os; os.chdir({str(tmp_path)!r}); {CALLER}", INSTALLATION),
        env={"PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert caller.stderr is not None
    while not (tmp_path / "started").exists():
        assert caller.poll() is None
    caller.send_signal(number)
    assert "interrupted; waiting for sh" in caller.stderr.readline()
    (tmp_path / "go").touch()
    caller.communicate(timeout=60)
    assert (tmp_path / "done").exists()
    assert caller.returncode != 0


def test_a_full_disk_is_one_line_and_not_the_programs_many() -> None:
    """Whatever a program says around it, what to do is free space."""
    with pytest.raises(BootstrapError, match=r"^`sh` found no space left on the disk: free some, then try again$"):
        run(("sh", "-c", "echo E: much; echo 'write: No space left on device' >&2; exit 1"))


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({"HTTP_PROXY": "http://upper.example"}, "http://upper.example\n"),
        ({"HTTP_PROXY": "http://upper.example", "http_proxy": "http://lower.example"}, "http://lower.example\n"),
        ({}, "\n"),
    ],
)
def test_a_proxy_is_told_by_the_name_that_apt_knows(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], seen: str
) -> None:
    """A proxy that is given in capitals alone reaches apt, and none is made up."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert output_of("sh", "-c", "echo $http_proxy") == seen
