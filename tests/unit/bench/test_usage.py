"""CPU time and memory from a /proc that is made by hand."""

import os
from pathlib import Path

import pytest

from bench.load import Load
from bench.usage import Sample, cpu_seconds, kernel_seconds, largest_heap_mib, largest_rss_mib, pss_mib, tree


def heap(kib: tuple[int, int]) -> str:
    """Return the line of the anonymous memory, half of the RSS."""
    return f"Anonymous: {kib[0] // 2} kB\n"


def make(proc: Path, pid: int, *, children: str = "", ticks: str = "0 0 0 0", kib: tuple[int, int] = (0, 0)) -> None:
    """Describe one process; `ticks` are its utime, stime, cutime and cstime, `kib` its RSS and PSS."""
    (proc / str(pid) / "task" / str(pid)).mkdir(parents=True)
    (proc / str(pid) / "task" / str(pid) / "children").write_text(children)
    (proc / str(pid) / "stat").write_text(f"{pid} (a name) (x) S 1 1 1 0 -1 0 0 0 0 0 {ticks} 20 0 1 0 0\n")
    (proc / str(pid) / "smaps_rollup").write_text(
        f"0-1 ---p 0 00:00 0 [rollup]\nRss: {kib[0]} kB\nPss: {kib[1]} kB\n{heap(kib)}"
    )


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Return an arbiter (10) with a worker (11) that has a child (12)."""
    make(tmp_path, 10, children="11 ", ticks="100 20 3 4", kib=(2048, 1024))
    make(tmp_path, 11, children="12 ", ticks="1000 200 0 0", kib=(4096, 3072))
    make(tmp_path, 12, kib=(1024, 1024))
    return tmp_path


def test_a_tree_has_children_and_their_children(proc: Path) -> None:
    """Parents come first."""
    assert tree(10, proc) == [10, 11, 12]


def test_cpu_seconds_count_the_whole_tree_and_children_that_have_ended(proc: Path) -> None:
    """A name with brackets and spaces does not shift the fields."""
    assert cpu_seconds(10, proc) == pytest.approx(1327 / os.sysconf("SC_CLK_TCK"))


def test_kernel_seconds_are_the_kernels_part_of_them(proc: Path) -> None:
    """Of the ended children, too."""
    assert kernel_seconds(10, proc) == pytest.approx(224 / os.sysconf("SC_CLK_TCK"))


def test_pss_is_summed_and_rss_is_not(proc: Path) -> None:
    """Shared pages would be counted twice in a sum of RSS."""
    assert pss_mib(10, proc) == 5
    assert largest_rss_mib(10, proc) == 4


def test_heap_is_that_of_the_largest_process(proc: Path) -> None:
    """What is mapped from files does not count: other processes that come and go have their shares of it."""
    assert largest_heap_mib(10, proc) == 2


def test_this_process_has_used_both() -> None:
    """The real /proc has the fields at these places."""
    assert cpu_seconds(os.getpid()) > 0
    assert 1 < pss_mib(os.getpid()) < 10_000


def test_sample_of_a_load_has_the_cpu_time_of_a_request_and_the_share_of_a_core() -> None:
    """A server that waits for something else half of the time has half of its core, and no less CPU time a request."""
    assert Sample.of(Load(1000, 2.0, p50_ms=1.0, p99_ms=2.0), cpu=1.0) == Sample(rate=500.0, cpu_us=1000.0, share=0.5)
