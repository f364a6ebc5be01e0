"""What tasks have of the cores: in cgroups that are made up, of either version, and of processes that share a core."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from seatrial.host import cores
from seatrial.host.cores import CoreGroup, Reading, Task

V1 = {"tasks": "7\n8\n9\n", "cpu.stat": "nr_periods 5\nnr_throttled 2\nthrottled_time 2500000000\n"}
V2 = {"cgroup.threads": "7\n8\n9\n", "cpu.stat": "usage_usec 1\nnr_throttled 2\nthrottled_usec 2500000\n"}


@pytest.mark.parametrize("files", [V1, V2], ids=["v1", "v2"])
def test_both_versions_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> None:
    """Of tasks that are there, in seconds; the limits are its own and those above."""
    monkeypatch.setattr(cores, "PROC", tmp_path)
    for task in ("7", "8"):
        (tmp_path / task).mkdir()
        (tmp_path / task / "schedstat").write_text("1500000000 250000000 40\n")
    above = tmp_path / "cgroup"
    path = above / "container"
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name).write_text(text)
    (above / "cpu.stat").write_text("throttled_time 500000000\n")
    had = Task(1.5, 0.25)
    assert CoreGroup(path, above).read() == Reading({7: had, 8: had}, 3.0)


def test_what_a_limit_had_them_wait_is_the_limits_fault() -> None:
    """Each task that waited waited for it; a new one counts from its beginning, one that is gone no more."""
    before = Reading({1: Task(1.0, 1.0), 2: Task(5.0, 5.0)}, 2.0)
    now = {1: Task(1.5, 3.0), 3: Task(0.5, 0.25)}
    assert Reading(now, 2.0).since(before) == Task(1.0, 2.25)
    assert Reading(now, 3.0).since(before) == Task(1.0, 0.25)
    assert Reading(now, 9.0).since(before) == Task(1.0, 0.0)


def test_task_waits_for_the_core_that_others_have_too() -> None:
    """Three that compute on one core; this process, which sleeps, waits for nobody."""
    core = min(os.sched_getaffinity(0))
    spin = f"import os; os.sched_setaffinity(0, [{core}])\nwhile True: pass"
    with ExitStack() as stack:
        spinning = [stack.enter_context(subprocess.Popen([sys.executable, "-c", spin])) for _ in range(3)]
        try:
            group = CoreGroup.of(spinning[0].pid)
            if group is None:
                pytest.skip("no cgroup that shares out cores is seen")
            before, had = group.read(), Task(0.0, 0.0)
            while had.waited_seconds < 0.5:
                time.sleep(0.1)
                tasks = group.read().tasks
                had = Reading({spinning[0].pid: tasks[spinning[0].pid]}, 0.0).since(before)
            assert had.ran_seconds > 0
        finally:
            for each in spinning:
                each.kill()
