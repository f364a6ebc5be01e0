"""The trial in pytest, of a deployment that is good."""

import sys
from pathlib import Path

from seatrial.command import Command

GOOD = Path(__file__).parents[1] / "controls" / "good" / "asyncio"
LIMIT_SECONDS = 900.0
HELD_OR_UNTOLD = (0, 2)
"""What a busy machine leaves untold is 2."""


async def test_pytest_has_a_test_for_each_claim_of_a_trial(tmp_path: Path) -> None:
    """Of a deployment that is good none is broken, and what it promises at its end was seen to hold."""
    command = (sys.executable, "-m", "pytest", "-v", "--seatrial", str(GOOD))
    ended = await Command(command, LIMIT_SECONDS, cwd=tmp_path).run()
    assert ended.returncode in HELD_OR_UNTOLD, ended.stdout + ended.stderr
    assert "sigterm.no-request-lost PASSED" in ended.stdout
