"""What runs on the standard library alone: the bootstrap, before anything is installed, and the exec probe, quickly."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PROGRAM = "import sys; sys.path.insert(0, {path!r}); import {module}"


def imported(module: str) -> subprocess.CompletedProcess[str]:
    """Import a module in a Python that sees no installed package (-S)."""
    program = PROGRAM.format(path=str(CHECKOUT), module=module)
    return subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["app.probe", "bootstrap.cli"])
def test_module_needs_nothing_that_is_installed(module: str) -> None:
    """It can be imported where there is the standard library and the checkout."""
    assert imported(module).stderr == ""


def test_module_that_needs_a_package_is_found_out() -> None:
    """The negative: the settings need pydantic."""
    assert "ModuleNotFoundError" in imported("app.settings").stderr
