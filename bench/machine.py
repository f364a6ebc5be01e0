"""What the numbers were measured on, and of what."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import podman
from bench.cores import LOAD, SERVERS
from bench.pythons import image
from seatrial.command import Command
from seatrial.errors import CommandError

PACKAGES = ("fastapi", "starlette", "uvicorn", "gunicorn", "sqlalchemy", "asyncpg", "structlog", "pydantic")


async def describe() -> dict[str, str]:
    """Return the machine's and the software's description, a line each."""
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "revision": await _first_line("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"),
        "processor": f"{_proc('cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "cores": f"servers on {SERVERS}; load, PostgreSQL and the rest on {LOAD}",
        "load average before": f"{os.getloadavg()[0]:.2f} (what other work the machine had)",
        "memory": _proc("meminfo", "MemTotal"),
        "kernel": platform.release(),
        "Python": (await podman.podman("run", "--rm", "--entrypoint=python", await image(), "--version")).removeprefix(
            "Python "
        ),
        "packages": ", ".join(f"{package} {version(package)}" for package in PACKAGES),
        "wrk": await _first_line("wrk", "-v"),
        "podman": await _first_line("podman", "--version"),
    }


async def _python() -> str:
    printed = await podman.podman("run", "--rm", "--network=none", "--entrypoint=python", await image(), "--version")
    return f"{printed.removeprefix('Python ')}, of the image, for the servers; {platform.python_version()} for the rest"


def _proc(file: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(.+)$", Path("/proc", file).read_text(), re.MULTILINE)
    return found[1] if found else "unknown"


async def _first_line(*argv: str) -> str:
    try:
        completed = await Command(argv).run()
    except CommandError:
        return "not installed"
    return (completed.stdout or completed.stderr).partition("\n")[0].partition(" Copyright")[0]
