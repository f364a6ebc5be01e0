"""What the numbers were measured on, and of what."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.cores import LOAD, SERVERS
from tests.harness.command import Command
from tests.harness.errors import CommandError

PACKAGES = ("fastapi", "starlette", "uvicorn", "gunicorn", "sqlalchemy", "asyncpg", "structlog", "pydantic")


async def describe() -> dict[str, str]:
    """Return the machine's and the software's description, a line each."""
    model = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "revision": await _first_line("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"),
        "processor": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores",
        "cores": f"servers on {SERVERS}; load, PostgreSQL and the rest on {LOAD}",
        "load average before": f"{os.getloadavg()[0]:.2f} (what other work the machine had)",
        "memory": f"{int(memory[1]) / 1024**2:.1f} GiB" if memory else "",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "packages": ", ".join(f"{package} {version(package)}" for package in PACKAGES),
        "wrk": await _first_line("wrk", "-v"),
        "podman": await _first_line("podman", "--version"),
    }


async def _first_line(*argv: str) -> str:
    try:
        completed = await Command(argv).run()
    except CommandError:
        return "not installed"
    return (completed.stdout or completed.stderr).partition("\n")[0].partition(" Copyright")[0]
