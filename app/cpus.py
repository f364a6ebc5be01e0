"""How many CPUs the container may use, by its cgroup's quota."""

from pathlib import Path

CGROUP_ROOT = Path("/sys/fs/cgroup")


def worker_count(root: Path = CGROUP_ROOT) -> int:
    """Return one worker per whole CPU of the quota, at least 1; 1 without a quota.

    Never the host's cores: Python's own counts see those through a quota (python/cpython#149452), and a container
    with half a CPU on a machine of 64 would start 64 workers.
    """
    return max(1, int(_quota(root) or 1))


def _quota(root: Path) -> float | None:
    """Return the quota in CPUs, or None for "unlimited", from cgroup v2's cpu.max or v1's cpu.cfs_quota_us."""
    try:
        if (v2 := root / "cpu.max").is_file():
            quota, period = v2.read_text().split()
        else:
            quota, period = ((root / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        return int(quota) / int(period) if int(quota) > 0 else None
    except (OSError, ValueError):  # no cgroup to be seen, or the word "max"
        return None
