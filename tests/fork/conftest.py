"""A fork for each test."""

import shutil
from pathlib import Path

import pytest

from tests.fork.checkout import CHECKOUT, commit, done


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    """Return a repository with this checkout's files as they are now."""
    made = tmp_path / "fork"
    for path in done(CHECKOUT, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if path and (CHECKOUT / path).is_file():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / path, made / path)
    done(made, "git", "init", "--quiet")
    commit(made, "Fork")
    return made
