"""Programs that come as wheels."""

import os
import sys
import zipfile
from pathlib import Path

import pytest

from bootstrap import wheel
from bootstrap.errors import BootstrapError

NAME = "tool-1.2.3-py3-none-any.whl"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let pip find one wheel, `tool` 1.2.3, and nothing else, whatever else the machine is told."""
    directory = tmp_path / "index"
    directory.mkdir()
    with zipfile.ZipFile(directory / NAME, "w") as archive:
        archive.writestr("tool-1.2.3.data/scripts/tool", "#!/bin/sh\necho sails\n")
        archive.writestr("tool-1.2.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: tool\nVersion: 1.2.3\n")
        archive.writestr("tool-1.2.3.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tool-1.2.3.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    # The environment of the tests has no pip; the system's Python does.
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    return directory


@pytest.mark.parametrize(
    "habit", [{}, {"PIP_REQUIRE_VIRTUALENV": "1"}, {"PIP_USER": "1"}, {"PIP_PREFIX": "/usr/local", "PIP_TARGET": "/x"}]
)
@pytest.mark.usefixtures("index")
def test_a_wheels_program_is_there_whatever_pip_is_told_about_installing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, habit: dict[str, str]
) -> None:
    """It is unpacked into the directory, executable, and takes the place of an older one."""
    for name, value in habit.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "tools" / "bin").mkdir(parents=True)
    (tmp_path / "tools" / "bin" / "older").touch()
    wheel.install("tool", "1.2.3", tmp_path / "tools")
    assert [path.name for path in (tmp_path / "tools" / "bin").iterdir()] == ["tool"]
    assert os.access(tmp_path / "tools" / "bin" / "tool", os.X_OK)


@pytest.mark.usefixtures("index")
def test_a_wheel_that_cannot_be_had_leaves_what_is_there(tmp_path: Path) -> None:
    """A failed call changes nothing, and leaves nothing of its own."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "older").touch()
    with pytest.raises(BootstrapError, match=r"tool==9\.9"):
        wheel.install("tool", "9.9", tmp_path / "tools")
    assert {path.name for path in tmp_path.iterdir()} == {"tools", "index"}
    assert (tmp_path / "tools" / "older").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("Retrying after connection broken by 'ProxyError('Cannot connect to proxy.')'\nERROR: none", "the proxy in"),
        ("connection broken by 'NewConnectionError'\nERROR: No matching distribution", "the package index does not"),
        ("  OSError: [Errno 28] No space left on device: '/x'\n", "the disk is full"),
        ("/usr/bin/python3: No module named pip", "this Python has no pip"),
        (
            "exited 1:\n  ERROR: No matching distribution found for uv==9",
            "ERROR: No matching distribution found for uv",
        ),
    ],
)
def test_pips_many_words_come_to_one_line(words: str, line: str) -> None:
    """A cause that is known has what to do; of another, pip's last line is told."""
    told = wheel.cause(words)
    assert told.startswith(line)
    assert "\n" not in told
