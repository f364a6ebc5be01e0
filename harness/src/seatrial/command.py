"""Running an external command: argv, never a shell string, always with a limit."""

import asyncio
import contextlib
import os
import shlex
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.errors import CommandError, HarnessError, ToolMissingError

STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Completed:
    """What a command left: its exit code, its output and the seconds it took."""

    command: "Command"
    returncode: int
    stdout: str
    stderr: str
    seconds: float

    def check(self, error: type[HarnessError] = CommandError) -> "Completed":
        """Return this, or raise `error` with the command's own last words when it exited non-zero."""
        if self.returncode == 0:
            return self
        words = (self.stderr.strip() or self.stdout.strip() or "it printed nothing").splitlines()[-12:]
        raise error(f"`{self.command}` exited {self.returncode}:\n  " + "\n  ".join(words))


@dataclass(frozen=True)
class Command:
    """One external command: `timeout_seconds` bounds it, `env` is added to this process's environment.

    At its limit, and when nobody waits for it any more, it gets `stop_signal`, and SIGKILL `stop_seconds` later. The
    descriptors `held` are open in it, too: a lock on one outlives a holder that is killed, until the command has ended.
    """

    argv: tuple[str, ...]
    timeout_seconds: float = 60.0
    cwd: Path | None = None
    stdin: bytes | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = STOP_SECONDS
    held: tuple[int, ...] = ()
    source: int | None = None
    """The descriptor of a file that it reads, in place of `stdin`: what is large is in nobody's memory."""
    target: int | None = None
    """The descriptor of a file that it writes to; `stdout` is empty then."""

    def __str__(self) -> str:
        """Return the command as one would type it."""
        return shlex.join(self.argv)

    async def run(self) -> Completed:
        """Run to the end and return what it left, whatever its exit code; end it at the limit and on cancellation."""
        began = time.monotonic()
        try:
            process = await asyncio.create_subprocess_exec(
                *self.argv,
                cwd=self.cwd,
                env={**os.environ, **self.env},
                pass_fds=self.held,
                stdin=self._reads(),
                stdout=asyncio.subprocess.PIPE if self.target is None else self.target,
                stderr=asyncio.subprocess.PIPE,
                # Ctrl-C is for this process alone: it ends what it runs, in order, and then cleans up.
                start_new_session=True,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise ToolMissingError(self.argv[0]) from error
        try:
            async with asyncio.timeout(self.timeout_seconds):
                stdout, stderr = await process.communicate(self.stdin)
        except TimeoutError as error:
            raise CommandError(f"`{self}` did not end within {self.timeout_seconds:g} s and was stopped") from error
        finally:
            await self._end(process)
        return Completed(
            self,
            process.returncode or 0,
            (stdout or b"").decode(errors="replace"),
            stderr.decode(errors="replace"),
            time.monotonic() - began,
        )

    def _reads(self) -> int:
        if self.source is not None:
            return self.source
        return asyncio.subprocess.DEVNULL if self.stdin is None else asyncio.subprocess.PIPE

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """Stop a process that is still running, so that it can finish a write, then kill it and all that it started."""
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self.stop_signal)
        try:
            async with asyncio.timeout(self.stop_seconds):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
