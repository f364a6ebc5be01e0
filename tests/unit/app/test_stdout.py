"""Lines on their way to stdout: whole, in their order, and never waited for."""

import fcntl
import os
import select
import signal
from collections.abc import Iterator
from select import PIPE_BUF

import pytest

from app.stdout import MAX_KEPT_BYTES, Output


class Pipe:
    """A pipe, and what was read from it so far."""

    def __init__(self, *, blocking: bool) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(self.writer, blocking)
        self.read_so_far = b""

    def read(self, size: int = 1 << 20) -> bool:
        """Read what is there; return whether there was anything."""
        try:
            piece = os.read(self.reader, size)
        except BlockingIOError:
            return False
        self.read_so_far += piece
        return bool(piece)

    def lines(self) -> list[bytes]:
        """Return what was read, which must be whole lines."""
        assert self.read_so_far.endswith(b"\n")
        return self.read_so_far.splitlines()


@pytest.fixture(params=[True, False], ids=["blocking", "non-blocking"])
def pipe(request: pytest.FixtureRequest) -> Iterator[Pipe]:
    """Return a pipe; an output that blocked would hang the test, so an alarm ends it."""
    made = Pipe(blocking=request.param)
    signal.alarm(60)
    yield made
    signal.alarm(0)
    for fd in (made.reader, made.writer):
        os.close(fd)


def output_to(pipe: Pipe) -> Output:
    """Return an output that tells of dropped lines by their bare number."""
    return Output(pipe.writer, lambda lines: b"dropped %d" % lines)


def read_all(pipe: Pipe, output: Output) -> None:
    """Read until nothing is left."""
    while pipe.read() or output.behind:
        output.flush()


def test_short_lines_share_writes_no_larger_than_a_pipe_takes_at_once(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else somebody else's line could come in between; and a write costs more than a line."""
    sizes = []
    write = os.write

    def measured(fd: int, data: bytes) -> int:
        sizes.append(len(data))
        return write(fd, data)

    monkeypatch.setattr(os, "write", measured)
    output_to(pipe).write([b"%d" % number + b"x" * 200 for number in range(50)])
    assert max(sizes) <= PIPE_BUF
    assert len(sizes) == 3
    pipe.read()
    assert [line.rstrip(b"x") for line in pipe.lines()] == [b"%d" % number for number in range(50)]


def test_nothing_is_written_when_there_is_nothing_to_say(pipe: Pipe) -> None:
    """No empty line."""
    output = output_to(pipe)
    output.write([])
    output.flush()
    output.finish()
    assert not pipe.read()


def test_long_line_is_whole(pipe: Pipe) -> None:
    """A traceback, or anything else that is longer than a pipe takes at once, or holds."""
    output = output_to(pipe)
    lines = [b"a", b"b" * 10_000, b"c", b"d" * 200_000, b"e"]
    output.write(lines)
    read_all(pipe, output)
    assert pipe.lines() == lines


def test_lines_that_nobody_reads_are_kept_and_then_counted(pipe: Pipe) -> None:
    """What is kept comes first, then one line that says how many are missing, then what came after."""
    output = output_to(pipe)
    total = 3 * MAX_KEPT_BYTES // 1000
    for number in range(total):
        output.msg(b"%-999d" % number)
    assert output.behind
    assert output.dropped > 0
    read_all(pipe, output)
    output.msg(b"later")
    read_all(pipe, output)
    *kept, told, later = (line.strip() for line in pipe.lines())
    assert kept == [b"%d" % number for number in range(total - output.dropped)]
    assert told == b"dropped %d" % output.dropped
    assert later == b"later"
    assert len(kept) * 1000 >= MAX_KEPT_BYTES


def test_nothing_is_dropped_of_what_a_slow_reader_reads_in_time(pipe: Pipe) -> None:
    """Behind is not lost."""
    output = output_to(pipe)
    for number in range(2000):
        output.msg(b"%-499d" % number)
        pipe.read(400)
    assert output.behind
    read_all(pipe, output)
    assert output.dropped == 0
    assert [int(line) for line in pipe.lines()] == list(range(2000))


def test_end_waits_for_a_reader_but_not_for_ever(pipe: Pipe) -> None:
    """Nobody reads: the rest is lost, and the process ends."""
    output = output_to(pipe)
    for _ in range(1000):
        output.msg(b"x" * 999)
    output.finish()
    assert output.behind


def test_reader_that_left_costs_lines_and_nothing_else(pipe: Pipe) -> None:
    """EPIPE is no error of who logs; the lines are counted."""
    output = output_to(pipe)
    os.close(pipe.reader)
    for number in range(3):
        output.msg(b"%d" % number)
    output.finish()
    assert (output.dropped, output.behind) == (3, False)
    pipe.reader = os.open(os.devnull, os.O_RDONLY)


def test_full_disk_costs_lines_and_is_told_when_there_is_room() -> None:
    """ENOSPC, and then none: what was lost is said once, before what follows."""
    pipe = Pipe(blocking=True)
    with open("/dev/full", "wb", buffering=0) as full:  # noqa: PTH123 - a device
        target = os.dup(full.fileno())
    output = Output(target, lambda lines: b"dropped %d" % lines)
    output.write([b"1", b"2"])
    output.msg(b"3")
    os.dup2(pipe.writer, target)
    output.msg(b"4")
    pipe.read()
    assert pipe.lines() == [b"dropped 3", b"4"]
    assert output.dropped == 3
    for fd in (target, pipe.writer, pipe.reader):
        os.close(fd)


def test_descriptor_that_is_closed_costs_lines_and_nothing_else() -> None:
    """EBADF is no error of who logs."""
    pipe = Pipe(blocking=True)
    output = output_to(pipe)
    os.close(pipe.writer)
    os.close(pipe.reader)
    output.msg(b"1")
    assert output.dropped == 1


@pytest.mark.parametrize("killed", [False, True])
def test_processes_do_not_tear_each_others_lines(pipe: Pipe, *, killed: bool) -> None:
    """A line of any length is whole; who is killed in the middle of one leaves half of it, on a line of its own."""
    output = output_to(pipe)
    children = []
    for letter in b"ab":
        if (pid := os.fork()) == 0:
            output.forget()
            for _ in range(200):
                output.msg(bytes([letter]) * 9000)
                while output.behind:
                    select.select([], [], [], 0.001)
                    output.flush()
            os._exit(0)
        children.append(pid)
    if killed:
        while len(pipe.read_so_far) < 300_000:
            pipe.read(5000)
        os.kill(children[0], signal.SIGKILL)
    running = set(children)
    while running or pipe.read():
        pipe.read()
        running -= {pid for pid in running if os.waitpid(pid, os.WNOHANG)[0]}
    output.msg(b"end")
    pipe.read()
    *lines, end = pipe.lines()
    assert end == b"end"
    assert all(len(set(line)) <= 1 for line in lines), "no line has another's letters in it"
    assert sum(len(line) != 9000 for line in lines) <= killed
    assert sum(line[:1] == b"b" for line in lines) == 200
    if not killed:
        assert len(lines) == 400


def test_process_killed_right_behind_its_write_leaves_half_a_line_on_a_line_of_its_own(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process can write and say so in one step."""
    output = output_to(pipe)
    write = os.write

    def write_and_die(fd: int, data: bytes) -> None:
        write(fd, data)
        os._exit(0)

    if (pid := os.fork()) == 0:
        monkeypatch.setattr(os, "write", write_and_die)
        output.forget()
        output.msg(b"a" * 9000)
        os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    output.msg(b"end")
    pipe.read()
    assert pipe.lines() == [b"a" * PIPE_BUF, b"end"]


def test_fork_keeps_what_is_kept_to_the_parent(pipe: Pipe) -> None:
    """No line is written twice."""
    output = output_to(pipe)
    fcntl.fcntl(pipe.writer, fcntl.F_SETPIPE_SZ, PIPE_BUF)
    lines = [b"%-999d" % number for number in range(20)]
    output.write(lines)
    if (pid := os.fork()) == 0:
        output.forget()
        os._exit(output.behind)
    assert os.waitpid(pid, 0)[1] == 0
    read_all(pipe, output)
    assert pipe.lines() == lines
