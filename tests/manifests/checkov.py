"""The one module that knows Checkov: every rendered overlay, exempt only what an object's annotation excuses."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from seatrial.command import Command
from seatrial.contracts import Overlay
from seatrial.errors import CommandError
from seatrial.manifests.kustomize import dump

VERSION = "3.3.30"
RESOLVED = "2026-11-20"
"""What Checkov needs is taken as it was on that day: its own environment, 290 MB, has no lock file."""
LIMIT_SECONDS = 600.0  # the first time it is downloaded; then it is a matter of seconds


@dataclass(frozen=True)
class Result:
    """What Checkov found: how many checks passed and were excused, and a line for each that failed."""

    passed: int
    skipped: int
    failed: tuple[str, ...]


async def scan(overlays: Mapping[str, Overlay]) -> Result:
    """Return what Checkov says of the overlays; raises CommandError when it cannot be had or says nothing.

    All in one run, for it takes seconds to start. CKV2_K8S_6, its one check across objects, may so find the
    NetworkPolicy of another overlay: the contract `pods_are_isolated` looks at each alone.
    """
    with TemporaryDirectory() as name:
        for overlay in overlays.values():
            (Path(name) / f"{overlay.name}.yaml").write_text(dump(list(overlay.objects)))
        completed = await _command(name).run()
    try:
        report = json.loads(completed.stdout)
        results, summary = report["results"], report["summary"]
    except (ValueError, KeyError, TypeError):
        raise CommandError(
            f"`{completed.command}` exited {completed.returncode} without a report:\n"
            f"{(completed.stderr or completed.stdout)[-2000:]}"
        ) from None
    if not summary["passed"] or summary["parsing_errors"]:
        raise CommandError(f"`{completed.command}` could not read the overlays: {summary}")
    failed = (
        f"{each['file_path'].strip('/')}: {each['resource']}: {each['check_id']}: {each['check_name']}"
        for each in results["failed_checks"]
    )
    return Result(summary["passed"], summary["skipped"], tuple(failed))


def _command(directory: str) -> Command:
    # A tool is run without the project's settings for uv: they are said again.
    tool = ("uv", "tool", "run", "--quiet", "--system-certs", "--python", sys.executable, "--exclude-newer", RESOLVED)
    options = ("--framework", "kubernetes", "--skip-download", "--quiet", "--compact", "--output", "json")
    return Command(
        (*tool, "--from", f"checkov=={VERSION}", "checkov", *options, "--directory", directory), LIMIT_SECONDS
    )
