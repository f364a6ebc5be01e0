"""The project's own name."""

import pytest

from fork import lock
from fork.errors import ForkError
from fork.names import Name

NAME = Name.read("anchor")
LOCK = """version = 1

[manifest]
members = [
    "seatrial",
    "seatrial-service",
]

[[package]]
name = "alembic"
version = "1"

[[package]]
name = "seatrial"
source = { editable = "harness" }

[[package]]
name = "seatrial-service"
source = { virtual = "." }
"""


def test_lock_is_in_the_order_that_uv_writes() -> None:
    """The next `uv lock` changes nothing; the tool is locked as before."""
    changed = lock.locked(LOCK, NAME)
    assert changed.index('"anchor",') < changed.index('"seatrial",')
    names = [line for line in changed.splitlines() if line.startswith("name = ")]
    assert names == ['name = "alembic"', 'name = "anchor"', 'name = "seatrial"']


def test_project_is_renamed_once() -> None:
    """Afterwards nobody could tell the old name's places from a word."""
    changed = lock.project('[project]\nname = "seatrial-service"\nversion = "1"\n', NAME)
    assert changed == '[project]\nname = "anchor"\nversion = "1"\n'
    with pytest.raises(ForkError, match="renamed before, to anchor; allowed: once"):
        lock.project(changed, NAME)
