"""A fork of this checkout, and what is typed in it."""

import os
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
LIMIT_SECONDS = 900.0


def run(directory: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fork, whose own packages come before this checkout's."""
    packages = os.pathsep.join([str(directory), str(directory / "harness" / "src")])
    environment = os.environ | {"PYTHONPATH": packages, "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(
        argv, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
    )


def done(directory: Path, *argv: str) -> str:
    """Run a program in a fork, which succeeds; return what it prints."""
    completed = run(directory, *argv)
    assert completed.returncode == 0, completed.stdout[-4000:] + completed.stderr[-4000:]
    return completed.stdout


def commit(directory: Path, subject: str) -> None:
    """Commit everything."""
    done(directory, "git", "add", "--all")
    user = ("-c", "user.name=fork", "-c", "user.email=fork@example.com")
    done(directory, "git", *user, "commit", "--quiet", "--message", subject)
