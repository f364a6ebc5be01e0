"""The trial without root: of a user's containers, by the user's own podman."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.server.machine import Machine
from tests.server.machines import USER
from tests.server.server import PYTHON

TRIES = 3
"""A machine that was too busy for some claims is asked about those again, alone."""
LIMIT_SECONDS = 900.0
SEEN_FROM_OUTSIDE = ("security.user", "security.capabilities", "security.no-new-privileges")
SIGNALLED = "recovery.killed-main-process"
KILLED = 137


def test_user_without_root_tries_as_root_does(users_machine: Machine) -> None:
    """Processes in containers are not the user's own outside of its namespace, and yet they are seen and signalled."""
    claims: dict[str, Mapping[str, Any]] = {}
    exit_codes: list[int] = []

    async def trials() -> None:
        untold: Iterable[str] = ()
        for number in range(TRIES):
            report = await trial(users_machine, f"/home/{USER}/report-{number}", untold)
            claims.update((claim["id"], claim) for claim in report["claims"])
            for scenario in report["scenarios"]:
                if scenario["scenario"] == "recovery":
                    exit_codes.extend(event["exit_code"] for event in scenario["events"] if event["kind"] == "exited")
            untold = [claim for claim in (*SEEN_FROM_OUTSIDE, SIGNALLED) if claims[claim]["verdict"] == "not run"]
            if not untold:
                return
        raise AssertionError(f"untold in {TRIES} trials: {[claims[claim] for claim in untold]}")

    asyncio.run(trials())
    assert {claims[claim]["verdict"] for claim in (*SEEN_FROM_OUTSIDE, SIGNALLED)} == {"held"}
    assert KILLED in exit_codes


async def trial(machine: Machine, report: str, only: Iterable[str]) -> Any:
    """Return the report of one trial, of all claims or of some; nothing is broken, and nothing is left behind."""
    chosen = [argument for claim in only for argument in ("--only", claim)]
    command = (PYTHON, "-m", "seatrial", "trial", "kustomize/overlays/podman", "--report", report, *chosen)
    tried = await machine.run(*command, user=USER, limit_seconds=LIMIT_SECONDS)
    assert await machine.ask("podman", "pod", "ls", "--quiet", user=USER) == ""
    assert tried.returncode in (0, 2), tried.stdout + tried.stderr
    return json.loads(await machine.ask("cat", f"{report}/trial.json"))
