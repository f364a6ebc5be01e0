"""Running other programs: quietly to learn something, or, said aloud, to change something."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from bootstrap.errors import BootstrapError, NotRunnableError

PROBE_LIMIT_SECONDS = 30.0
PROXIES = ("http_proxy", "https_proxy", "no_proxy")
WORDS = 10
"""How many lines of what a failed program wrote are shown."""


def say(text: str) -> None:
    """Tell the user one line, on stderr: `make render` has the rendered manifests on stdout."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the one place that prints


def probe(*argv: str, limit_seconds: float = PROBE_LIMIT_SECONDS) -> subprocess.CompletedProcess[str]:
    """Run a program quietly and return what it left; raise BootstrapError when it is not there or does not end."""
    try:
        return subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=limit_seconds,
            env=_environment(),
        )
    except OSError as error:
        raise NotRunnableError(f"`{argv[0]}` cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise BootstrapError(f"`{shlex.join(argv)}` did not end within {limit_seconds:g} s") from error


def output_of(*argv: str) -> str | None:
    """Return what a program prints on stdout, or None when it is not there or fails."""
    if shutil.which(argv[0]) is None:
        return None
    try:
        done = probe(*argv)
    except NotRunnableError:  # another machine's, or half a file
        return None
    return done.stdout if done.returncode == 0 else None


def run(
    argv: Sequence[str],
    cwd: Path | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
    *,
    new_session: bool = False,
) -> None:
    """Run a program that changes something; raise BootstrapError with its last words when it fails."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            cwd=cwd,
            start_new_session=new_session,
            env={**_environment(), **environment},
        )
    except OSError as error:
        raise BootstrapError(f"`{argv[0]}` cannot be run: {error.strerror}") from error
    if done.returncode != 0 and re.search("No space left on device|Disk quota exceeded", done.stdout + done.stderr):
        raise BootstrapError(f"`{argv[0]}` found no space left on the disk: free some, then try again")
    if done.returncode != 0:
        words = "\n  ".join([*done.stdout.strip().splitlines()[-WORDS:], *done.stderr.strip().splitlines()[-WORDS:]])
        raise BootstrapError(f"`{shlex.join(argv)}` exited {done.returncode}:\n  {words}")


def run_to_its_end(argv: Sequence[str]) -> None:
    """Run a program that changes the system, and let it end when interrupted, for packages may not be left by half."""
    interrupted: list[int] = []

    def wait(number: int, _: object) -> None:
        interrupted.append(number)
        say(f"bootstrap: interrupted; waiting for {argv[0]}, which is at work on the system's packages")

    previous = {number: signal.signal(number, wait) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # In a session of its own, where a terminal's Ctrl-C does not reach it.
        run(argv, new_session=True)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if interrupted:
            signal.raise_signal(interrupted[0])


def _environment() -> dict[str, str]:
    # Their words are read, so that they are to be English; no question is asked, and no service restarted by the way.
    quiet = {"LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1"}
    # apt knows a proxy by its lower-case name alone.
    proxies = {name: os.environ[name.upper()] for name in PROXIES if name.upper() in os.environ}
    return {**proxies, **os.environ, **quiet}
