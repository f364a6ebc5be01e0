"""The worker count, from cgroup files as kernels write them."""

from pathlib import Path

import pytest

from app.cpus import worker_count


@pytest.mark.parametrize(
    ("cpu_max", "workers"),
    [("50000 100000", 1), ("100000 100000", 1), ("199999 100000", 1), ("200000 100000", 2), ("max 100000", 1), ("", 1)],
)
def test_worker_count_follows_the_quota_of_cgroup_v2(tmp_path: Path, cpu_max: str, workers: int) -> None:
    """Whole CPUs, at least one, and one without a quota."""
    (tmp_path / "cpu.max").write_text(cpu_max + "\n")
    assert worker_count(tmp_path) == workers


@pytest.mark.parametrize(("quota", "workers"), [("50000", 1), ("200000", 2), ("-1", 1)])
def test_worker_count_follows_the_quota_of_cgroup_v1(tmp_path: Path, quota: str, workers: int) -> None:
    """The same from v1's two files."""
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota + "\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert worker_count(tmp_path) == workers


def test_worker_count_is_one_where_no_cgroup_is_to_be_seen(tmp_path: Path) -> None:
    """Never the host's cores."""
    assert worker_count(tmp_path) == 1
