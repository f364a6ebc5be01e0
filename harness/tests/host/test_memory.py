"""A container's memory cgroup, of either version: what it uses, what limits it, and what reaching the limit does."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import pytest

from seatrial.host import pressure
from seatrial.host.memory import MemoryGroup

MEBIBYTE = 2**20
HOLDS = "held = bytes(1) * int(__import__('sys').argv[1]); print('holds', flush=True); __import__('time').sleep(60)"
V1 = {"memory.usage_in_bytes": "900", "memory.stat": "total_inactive_file 100\n", "memory.oom_control": "oom_kill 3\n"}
V2 = {"memory.current": "900", "memory.stat": "inactive_file 100\n", "memory.events": "oom 4\noom_kill 3\n"}


def group(directory: Path, files: dict[str, str], limit: tuple[str, str]) -> MemoryGroup:
    """Return a made-up cgroup, below one that has no limit."""
    path = directory / "above" / "container"
    path.mkdir(parents=True)
    for name, text in (*files.items(), limit):
        (path / name).write_text(text)
    return MemoryGroup(path, directory)


@pytest.mark.parametrize(
    ("files", "name", "unlimited"),
    [(V1, "memory.limit_in_bytes", "9223372036854771712"), (V2, "memory.max", "max")],
    ids=["v1", "v2"],
)
def test_both_versions_say_the_same(tmp_path: Path, files: dict[str, str], name: str, unlimited: str) -> None:
    """The working set, the limit, and how many were killed; no limit is none."""
    limited = group(tmp_path / "limited", files, (name, "5000\n"))
    assert (limited.working_set_bytes(), limited.limit_bytes(), pressure.kills(limited.path)) == (800, 5000, 3)
    assert limited.limiting() == limited
    free = group(tmp_path / "free", files, (name, f"{unlimited}\n"))
    assert free.limit_bytes() is None
    assert free.limiting() is None


def test_limit_may_be_that_of_the_cgroup_above(tmp_path: Path) -> None:
    """Crun has the processes in a cgroup below the one with the limit; nothing above the mount is looked at."""
    inner = group(tmp_path / "mount", V2, ("memory.max", "max\n"))
    (tmp_path / "memory.max").write_text("1\n")
    assert inner.limiting() is None
    (inner.path.parent / "memory.max").write_text("5000\n")
    assert inner.limiting() == MemoryGroup(inner.path.parent, inner.mount)


def test_room_is_what_the_host_and_the_limits_above_leave(tmp_path: Path) -> None:
    """Its own limit is not among them."""
    inner = group(tmp_path, V2, ("memory.max", "1\n"))
    assert inner.room_bytes() > MEBIBYTE
    for name, text in {**V2, "memory.max": "1000\n"}.items():
        (inner.path.parent / name).write_text(text)
    assert inner.room_bytes() == 1000 - 800


@contextmanager
def cgroup(limit_bytes: int) -> Iterator[MemoryGroup]:
    """Make a cgroup with a limit beside this process's own, where the host lets us."""
    own = MemoryGroup.of(os.getpid())
    if own is None:
        pytest.skip("no cgroup that counts memory is seen")
    made = MemoryGroup(own.path / f"seatrial-{token_hex(4)}", own.mount)
    limit = "memory.max" if (own.mount / "cgroup.controllers").exists() else "memory.limit_in_bytes"
    try:
        made.path.mkdir()
        (made.path / limit).write_text(str(limit_bytes))
    except OSError as error:
        pytest.skip(f"this user cannot make a cgroup that limits memory: {error}")
    try:
        yield made
    finally:
        made.path.rmdir()


@contextmanager
def holding(held_bytes: int, within: MemoryGroup, oom_score_adj: int = 0) -> Iterator[subprocess.Popen[str]]:
    """Run a process in a cgroup that holds so much, and has this oom_score_adj."""

    def join() -> None:
        (within.path / "cgroup.procs").write_text("0")
        Path("/proc/self/oom_score_adj").write_text(str(oom_score_adj))

    argv = (sys.executable, "-c", HOLDS, str(held_bytes))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, preexec_fn=join) as process:  # noqa: PLW1509 - no threads
        assert process.stdout
        assert process.stdout.readline() == "holds\n"
        try:
            yield process
        finally:
            process.kill()


def press(within: MemoryGroup, most_bytes: int) -> str:
    """Run the program to its end, and return what it says, or that it was the second that the kernel killed."""
    argv = (sys.executable, "-I", pressure.__file__, str(within.path), str(within.path), str(most_bytes))
    ended = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=30)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.stdout or "second"


def test_pressure_has_one_process_killed() -> None:
    """The one that comes before others; the other goes on, even where the kernel has killed a second."""
    with (
        cgroup(64 * MEBIBYTE) as within,
        holding(MEBIBYTE, within) as small,
        holding(20 * MEBIBYTE, within, oom_score_adj=1000) as large,
    ):
        assert press(within, 64 * MEBIBYTE) in ("killed", "second")
        assert large.wait(5) == -signal.SIGKILL
        assert small.poll() is None


def test_pressure_is_killed_before_what_it_was_not_meant_to_kill() -> None:
    """Where nothing comes before others, what is larger than the program goes on."""
    with cgroup(64 * MEBIBYTE) as within, holding(20 * MEBIBYTE, within) as other:
        assert press(within, 64 * MEBIBYTE) == "second"
        assert other.poll() is None


def test_pressure_below_the_limit_kills_nothing() -> None:
    """And says so, with its memory free again."""
    with cgroup(64 * MEBIBYTE) as within, holding(MEBIBYTE, within) as process:
        assert press(within, 16 * MEBIBYTE) == "full"
        assert process.poll() is None
        assert within.working_set_bytes() < 16 * MEBIBYTE


def test_pressure_with_nothing_to_kill_ends(tmp_path: Path) -> None:
    """It is the only process there; the kernel kills it, or denies it the memory."""
    with cgroup(16 * MEBIBYTE) as within:
        argv = (sys.executable, "-I", pressure.__file__, str(within.path), str(within.path), str(64 * MEBIBYTE))
        assert subprocess.run(argv, check=False, timeout=30, cwd=tmp_path).returncode in (0, -signal.SIGKILL)


def test_pressure_says_that_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the host does not let this user into the cgroup."""

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(Path, "write_text", refuse)
    assert pressure.fill(tmp_path, tmp_path, MEBIBYTE) == "refused"
