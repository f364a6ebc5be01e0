"""The trial without root: of a user's containers, by the user's own podman."""

import asyncio
import json
from typing import Any

from tests.server.machine import Machine
from tests.server.machines import USER
from tests.server.server import PYTHON

REPORT = f"/home/{USER}/report"
LIMIT_SECONDS = 900.0
SEEN_FROM_OUTSIDE = ("security.user", "security.capabilities", "security.no-new-privileges")


def test_user_without_root_tries_as_root_does(users_machine: Machine) -> None:
    """Processes in containers are not the user's own outside of its namespace, and yet they are seen and signalled."""

    async def trial() -> Any:
        command = (PYTHON, "-m", "seatrial", "trial", "kustomize/overlays/podman", "--report", REPORT)
        tried = await users_machine.run(*command, user=USER, limit_seconds=LIMIT_SECONDS)
        assert await users_machine.ask("podman", "pod", "ls", "--quiet", user=USER) == "", "nothing is left behind"
        # What a busy machine leaves untold is 2.
        assert tried.returncode in (0, 2), tried.stdout + tried.stderr
        return json.loads(await users_machine.ask("cat", f"{REPORT}/trial.json"))

    found = asyncio.run(trial())
    verdicts = {each["id"]: each["verdict"] for each in found["claims"]}
    assert {claim: verdicts[claim] for claim in SEEN_FROM_OUTSIDE} == dict.fromkeys(SEEN_FROM_OUTSIDE, "held")
    (recovery,) = (each for each in found["scenarios"] if each["scenario"] == "recovery")
    assert [event for event in recovery["events"] if event["kind"] == "exited" and event["exit_code"] == 137]
