"""The Makefile's switches: data goes for `VOLUMES=1` on the command line, and for nothing else."""

import os
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Say what make would run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ("make", "--dry-run", *arguments),  # noqa: S607 - the make of whoever runs tests
        cwd=CHECKOUT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("target", "switch", "does"),
    [("down", "VOLUMES", "--volumes"), ("bench", "QUICK", "--quick"), ("clean", "IMAGES", "image prune")],
)
def test_a_switch_is_on_for_1_on_the_command_line_alone(target: str, switch: str, does: str) -> None:
    """Not for 0, nothing, or what happens to be exported."""
    assert does in make(target, f"{switch}=1").stdout
    for off in (make(target), make(target, f"{switch}=0"), make(target, f"{switch}="), make(target, **{switch: "1"})):
        assert off.returncode == 0, off.stderr
        assert does not in off.stdout


@pytest.mark.parametrize("switch", ["VOLUMES", "QUICK", "IMAGES"])
@pytest.mark.parametrize("value", ["no", "false", "yes", "1 0", "2"])
def test_an_unknown_value_is_one_line_and_nothing_is_done(switch: str, value: str) -> None:
    """It names the switch, what was given and what is allowed."""
    refused = make("down", f"{switch}={value}")
    assert refused.returncode != 0
    assert not refused.stdout
    assert f"{switch}={value}: it is 1, or 0 as without it" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
