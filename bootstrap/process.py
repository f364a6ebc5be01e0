"""Running other programs: quietly to learn something, or, said aloud, to change something."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence

from bootstrap.errors import BootstrapError, NotRunnableError

PROBE_LIMIT_SECONDS = 30.0


def say(text: str) -> None:
    """Tell the user one line, on stderr: `make render` has the rendered manifests on stdout."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the one place that prints


def probe(*argv: str) -> subprocess.CompletedProcess[str]:
    """Run a program quietly and return what it left; raise BootstrapError when it is not there or does not end."""
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=PROBE_LIMIT_SECONDS)
    except OSError as error:
        raise NotRunnableError(f"`{argv[0]}` cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise BootstrapError(f"`{shlex.join(argv)}` did not end within {PROBE_LIMIT_SECONDS:g} s") from error


def output_of(*argv: str) -> str | None:
    """Return what a program prints on stdout, or None when it is not there or fails."""
    if shutil.which(argv[0]) is None:
        return None
    try:
        done = probe(*argv)
    except NotRunnableError:  # another machine's, or half a file
        return None
    return done.stdout if done.returncode == 0 else None


def run(argv: Sequence[str]) -> None:
    """Run a program that changes something, after saying so; raise BootstrapError with its last words when it fails."""
    say(f"  $ {shlex.join(argv)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False, env=environment
    )
    if done.returncode != 0:
        words = "\n  ".join([*done.stdout.strip().splitlines()[-10:], *done.stderr.strip().splitlines()[-10:]])
        raise BootstrapError(f"`{shlex.join(argv)}` exited {done.returncode}:\n  {words}")
