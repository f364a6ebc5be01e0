"""The two consoles: results on stdout, all else on stderr. Both are plain where nobody looks."""

import os
import sys
from io import TextIOWrapper

from rich.console import Console

from seatrial.text import visible

UNLIMITED_COLUMNS = 100_000
"""What is piped is not wrapped: who reads it there has a width of their own, or none."""


class _Patient(Console):
    """A console whose reader may leave: what is left to say is not said, and the exit code stays what it is."""

    def on_broken_pipe(self) -> None:
        """Go on, into nothing."""
        silence(sys.stderr if self.stderr else sys.stdout)


out = _Patient(highlight=False, width=None if sys.stdout.isatty() else UNLIMITED_COLUMNS)
err = _Patient(stderr=True, highlight=False, soft_wrap=True)


def tell(line: str) -> None:
    """Say what is being done."""
    err.print(line, markup=False)


def complain(text: str) -> None:
    """Say what went wrong."""
    err.print(visible(text), markup=False, style="red")


def prepare() -> None:
    """Let characters that the terminal's encoding lacks be written as escapes, rather than end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write what is still held back; a reader who has left is no error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            silence(stream)


def silence(stream: object) -> None:
    """Send to nowhere what a stream is given from now on: Python would complain at its end otherwise."""
    if isinstance(stream, TextIOWrapper):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
