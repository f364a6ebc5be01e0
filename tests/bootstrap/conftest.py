"""Fresh machines need root, and mmdebstrap to make them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bootstrap.machine import Machine, make

RELEASE = "bookworm"
"""Debian 12: its own podman is too old, and a new one must not move its packages."""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Make a fresh Debian 12, and remove it afterwards."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to make a fresh machine")
    if shutil.which("mmdebstrap") is None:
        pytest.skip("needs mmdebstrap: `python3 -m bootstrap mmdebstrap`")
    root = tmp_path / "root"
    root.mkdir()
    yield make(RELEASE, root)
    shutil.rmtree(root)
