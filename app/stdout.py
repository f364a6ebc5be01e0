"""Lines on their way to stdout: whole whoever else writes there, and never waited for.

Whoever reads a container's stdout may stop, fall behind or go. No request, and no end of the service, depends on it:
what cannot be written at once is kept, up to a limit, and then counted instead.
"""

import fcntl
import mmap
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

STDOUT = 1
MAX_KEPT_BYTES = 1024 * 1024  # for each process: some 4,000 lines of the access log
FINISH_SECONDS = 1.0


class Turns:
    """Whose turn it is to write, among the processes that share a descriptor; a process that dies gives it back.

    Without a turn the writes of several processes are whole up to PIPE_BUF bytes, which a traceback exceeds; and one
    that found room could find it taken.
    """

    def __init__(self) -> None:
        self._fd: int | None = None
        self._torn: bytearray | mmap.mmap = bytearray(1)
        with suppress(OSError):  # not every sandbox has it; lines of up to PIPE_BUF bytes are whole without
            self._fd = os.memfd_create("stdout")
            os.ftruncate(self._fd, 1)
            self._torn = mmap.mmap(self._fd, 1)

    def take(self) -> bool:
        """Return whether it is this process's turn."""
        if self._fd is None:
            return True
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def give_back(self) -> None:
        """Let others write."""
        if self._fd is not None:
            fcntl.lockf(self._fd, fcntl.LOCK_UN)

    @property
    def torn(self) -> bool:
        """Whether the last thing that any of the processes wrote may be half a line."""
        return bool(self._torn[0])

    @torn.setter
    def torn(self, torn: bool) -> None:
        self._torn[0] = torn


class Output:
    """What one process has to say on a descriptor, which may block: it is written to only when it has room.

    `tell` makes the line that says how many others were dropped.
    """

    def __init__(self, fd: int, tell: Callable[[int], bytes]) -> None:
        self._fd = fd
        self._tell = tell
        self._turns = Turns()
        self._room = select.poll()
        self._room.register(fd, select.POLLOUT)
        self.dropped = 0
        self.forget()

    def forget(self) -> None:
        """Begin anew in a process that was forked: what was kept is its parent's to write."""
        self._mutex = threading.RLock()  # a destructor that logs may come in between
        self._flushing = False
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self._piece = b""  # what is written next, or the rest of it
        self._piece_lines = 0
        self._begun = False
        self._untold = 0  # dropped, and not yet said
        self._telling = 0  # dropped, and said in what is kept
        self.dropped = 0

    @property
    def behind(self) -> bool:
        """Whether something is kept that could not be written yet."""
        return bool(self._piece or self._kept)

    def write(self, lines: Sequence[bytes]) -> None:
        """Write lines, each without its newline, now or as soon as there is room; from any thread."""
        with self._mutex:
            size = sum(map(len, lines)) + len(lines)
            if 0 < size <= select.PIPE_BUF and not (self._piece or self._kept or self._untold):  # the hot path
                self._piece = b"%b\n" % b"\n".join(lines)
                self._piece_lines = len(lines)
            else:
                for line in lines:
                    self._keep(line)
            self._flush()

    def msg(self, line: bytes) -> None:
        """Write one line."""
        self.write((line,))

    debug = info = warning = error = critical = msg  # structlog calls a logger by the level's name

    def flush(self) -> None:
        """Write what was kept, as far as there is room."""
        if self.behind or self._untold:
            with self._mutex:
                self._flush()

    def finish(self) -> None:
        """Write what was kept, for FINISH_SECONDS at most."""
        deadline = time.monotonic() + FINISH_SECONDS
        self.flush()
        while self.behind and time.monotonic() < deadline:
            time.sleep(0.02)
            self.flush()

    def _keep(self, line: bytes) -> None:
        if self.behind and (self._untold or self._kept_bytes + len(line) > MAX_KEPT_BYTES):
            self._drop(1)
            return
        self._tell_dropped()
        self._kept.append(line)
        self._kept_bytes += len(line)

    def _drop(self, lines: int) -> None:
        self.dropped += lines
        self._untold += lines

    def _tell_dropped(self) -> None:
        if self._untold:
            self._telling, self._untold = self._untold, 0
            line = self._tell(self._telling)
            self._kept.append(line)
            self._kept_bytes += len(line)

    def _flush(self) -> None:
        if self._flushing or not (self._begun or self._turns.take()):
            return
        self._flushing = True
        try:
            while (self._piece or self._next_piece()) and self._room.poll(0) and self._write_piece():
                pass
        finally:
            self._flushing = False
            if not self._begun:  # else nobody may write before the rest of the line
                self._turns.give_back()

    def _next_piece(self) -> bool:
        """Put together as many lines as a pipe takes at once, or one that is longer; return whether there are any."""
        if not self._kept:
            self._tell_dropped()
        size = 0
        lines: list[bytes] = []
        while self._kept and (not lines or size + len(self._kept[0]) < select.PIPE_BUF):
            line = self._kept.popleft()
            size += len(line) + 1
            lines.append(line)
        self._kept_bytes -= size - len(lines)
        self._piece_lines = len(lines)
        self._piece = b"".join(line + b"\n" for line in lines)
        return bool(lines)

    def _write_piece(self) -> bool:
        """Write what a pipe takes at once; return whether it makes sense to go on."""
        mend = self._turns.torn and not self._begun  # whoever began that line will not end it
        if len(self._piece) > select.PIPE_BUF and not mend:
            self._turns.torn = True  # first: who is killed right behind the write cannot say so any more
        try:
            written = os.write(self._fd, b"\n" if mend else self._piece[: select.PIPE_BUF])
        except BlockingIOError:  # it is non-blocking, which anybody can have made it who shares it
            self._turns.torn = mend or self._begun
            return False
        except OSError:  # nobody reads any more, or the disk is full
            self._turns.torn = mend or self._begun
            self._lose_piece()
            return False
        if mend:
            self._turns.torn = False
            return True
        self._piece = self._piece[written:]
        if self._piece or self._begun:
            self._begun = self._turns.torn = bool(self._piece)
        if not self._piece:
            self._telling = 0
        return True

    def _lose_piece(self) -> None:
        lost = self._piece_lines - bool(self._telling)  # the line that tells is no loss, but what it tells is untold
        self._drop(lost)
        self._untold += self._telling
        self._piece, self._telling, self._begun = b"", 0, False
