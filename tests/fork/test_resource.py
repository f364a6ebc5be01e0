"""A resource of one's own, as `make resource` writes it, is tested and typed from its first minute."""

import subprocess
import sys
from pathlib import Path

import pytest

from fork.resource import Resource
from tests.fork.checkout import commit, done, run

SUITES = ("tests/unit/app/test_migrations.py", "tests/unit/app/test_notes.py", "tests/fuzz/test_api.py")
DIFFERENCES = """
import asyncio, sys
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from app.models import Base
with create_engine(f"sqlite:///{sys.argv[1]}").connect() as connection:
    print(compare_metadata(MigrationContext.configure(connection), Base.metadata))
"""


def resource(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Type what `make resource` does, once there are tools."""
    return run(directory, sys.executable, "-m", "fork", "resource", *words)


@pytest.mark.parametrize("name", ["vessel", "anchor", "administratively"])
def test_resource_has_its_own_model_migration_routes_and_tests(fork: Path, tmp_path: Path, name: str) -> None:
    """Style and types hold, the migrations make the models' schema, and its tests pass beside the example's."""
    tests = Resource.read(name).many
    assert resource(fork, name).returncode == 0
    done(fork, sys.executable, "-m", "ruff", "check", "app", "tests/unit/app")
    done(fork, sys.executable, "-m", "ruff", "format", "--check", "app", "tests/unit/app")
    done(fork, sys.executable, "-m", "mypy", "app", f"tests/unit/app/test_{tests}.py")
    done(fork, sys.executable, "-m", "pytest", "-q", f"tests/unit/app/test_{tests}.py", *SUITES)
    database = tmp_path / "migrated.db"
    done(fork, "env", f"APP_DATABASE_URL=sqlite+aiosqlite:///{database}", sys.executable, "-m", "app", "migrate")
    assert done(fork, sys.executable, "-c", DIFFERENCES, str(database)).strip() == "[]"


def test_second_resource_follows_the_first_and_its_own_name_is_taken(fork: Path) -> None:
    """A refusal writes nothing."""
    assert resource(fork, "vessel").returncode == 0
    assert resource(fork, "quay", "quays").returncode == 0
    assert 'down_revision = "0002"' in (fork / "app/migrations/versions/0003_quays.py").read_text()
    commit(fork, "Two")
    again = resource(fork, "vessel")
    assert (again.returncode, "app/models/vessel.py" in again.stderr) == (2, True)
    assert done(fork, "git", "status", "--porcelain") == ""
