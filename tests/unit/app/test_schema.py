"""The schema's revision: an older schema, none and one ahead, and what readiness says of them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from alembic.config import Config
from alembic.script import ScriptDirectory
from fastapi import FastAPI
from sqlalchemy import text

from app import schema
from app.database import Database
from app.errors import SchemaError
from app.settings import Settings

TABLE = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, serves TEXT)"
FIRST, NEEDED, OTHER = "0001", "0002", "0002a"


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """Yield an empty database."""
    opened = Database(settings)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def _release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this release need its second revision."""
    monkeypatch.setattr(schema, "revisions", lambda: {FIRST: (), NEEDED: (FIRST,)})
    monkeypatch.setattr(schema, "head", lambda: NEEDED)


async def record(database: Database, *rows: tuple[str, str | None]) -> None:
    """Write what a migration would: the revisions, and which ones the schema serves."""
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        await connection.execute(text(TABLE))
        for revision, serves in rows:
            values = {"revision": revision, "serves": serves}
            await connection.execute(text("INSERT INTO alembic_version VALUES (:revision, :serves)"), values)


@pytest.mark.parametrize("serves", [None, "0001 0002"])
async def test_schema_of_this_release_serves(database: Database, serves: str | None) -> None:
    """The same revision, whoever recorded what."""
    await record(database, (NEEDED, serves))
    with structlog.testing.capture_logs() as lines:
        await database.check()
    assert lines == []


@pytest.mark.parametrize("serves", ["0001 0002 0003", "0002 0003", "0001 0002 0003 0004"])
async def test_schema_that_is_ahead_serves_if_it_says_so(database: Database, serves: str) -> None:
    """By one revision or more; one line says it."""
    *_, revision = serves.split()
    await record(database, (revision, serves))
    with structlog.testing.capture_logs() as lines:
        await database.check()
        await database.check()
    assert [(line["event"], line["revision"], line["needed"]) for line in lines] == [
        ("schema is ahead", revision, NEEDED)
    ]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "the database has no schema, this release needs revision 0002: run `python -m app migrate`"),
        ([(FIRST, None)], "at revision 0001, this release needs 0002: run `python -m app migrate`"),
        ([(FIRST, "0001 0002")], "at revision 0001, this release needs 0002"),
        ([("0003", None)], "0003, which this release does not have, and serves the releases of nobody knows which"),
        ([("0003", "0003")], "serves the releases of 0003, not of 0002: deploy a release that it serves"),
        ([("0004", "0001 0002 0003")], "nobody knows which revisions"),
        ([("0003", "0001 0002a 0003")], "serves the releases of 0001, 0002a, 0003, not of 0002"),
        ([(NEEDED, None), (OTHER, None)], "at the revisions 0002, 0002a at once, this release needs 0002 alone"),
    ],
    ids=["none", "older", "older and downgraded", "unknown", "contracted", "moved by another", "a branch", "two"],
)
async def test_schema_that_does_not_serve_is_refused(
    database: Database, rows: list[tuple[str, str | None]], words: str
) -> None:
    """One message: what there is, what is needed, what to do."""
    await record(database, *rows)
    with pytest.raises(SchemaError) as error:
        await database.check()
    assert words in str(error.value)


async def test_database_without_the_revisions_table_is_refused(database: Database) -> None:
    """As it is before the first migration."""
    with pytest.raises(SchemaError, match="the database has no schema"):
        await database.check()


async def test_check_that_fails_is_asked_again_and_one_that_succeeded_is_not(database: Database) -> None:
    """A migration meanwhile is seen; afterwards nothing reads the revision at every probe."""
    await record(database, (FIRST, None))
    with structlog.testing.capture_logs() as lines, pytest.raises(SchemaError):
        await database.check()
    assert lines[0]["log_level"] == "warning"
    assert "0001" in lines[0]["error"]
    await record(database, (NEEDED, None))
    await database.check()
    await record(database)
    await database.check()


async def test_service_on_an_unmigrated_schema_is_not_ready(app: FastAPI) -> None:
    """503 and the dependency's name."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["dependencies"] == {"database": "failed"}


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a directory of migrations that is read in place of this release's."""
    monkeypatch.undo()
    monkeypatch.setattr(schema, "VERSIONS", tmp_path)
    schema.head.cache_clear()
    schema.revisions.cache_clear()
    yield tmp_path
    schema.head.cache_clear()
    schema.revisions.cache_clear()


def test_newest_revision_is_alembics(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read from the migrations' text is what Alembic finds by importing them."""
    monkeypatch.undo()
    config = Config()
    config.set_main_option("script_location", "app:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert schema.head() == scripts.get_current_head()
    assert schema.revisions().keys() == {script.revision for script in scripts.walk_revisions()}


@pytest.mark.parametrize(
    "text",
    [
        'revision = "0002"\ndown_revision = "0001"\n',
        'revision: str = "0002"\ndown_revision: str | None = "0001"\n',
        'revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None\n',
        'revision = "0002"\ndown_revision = ("0001",)\n',
    ],
)
def test_revision_is_read_however_it_is_assigned(versions: Path, text: str) -> None:
    """As Alembic's template writes it, annotated, several at once, and of a merge."""
    (versions / "__init__.py").touch()
    (versions / "b.py").write_text('revision = "0001"\ndown_revision = None\n')
    (versions / "a.py").write_text(text)
    assert schema.revisions() == {"0001": (), "0002": ("0001",)}
    assert schema.head() == "0002"


def test_two_newest_revisions_are_refused(versions: Path) -> None:
    """Both are named."""
    for name in ("0001a", "0001b"):
        (versions / f"{name}.py").write_text(f'revision = "{name}"\ndown_revision = None\n')
    with pytest.raises(SchemaError, match=r"2 newest revisions \(0001a, 0001b\), where 1 is allowed"):
        schema.head()


def test_revision_that_is_computed_is_refused(versions: Path) -> None:
    """It could be known by running the file alone."""
    (versions / "a.py").write_text('revision = "00" + str(1)\ndown_revision = None\n')
    with pytest.raises(SchemaError, match=r"a.py: write revision and down_revision as plain strings"):
        schema.revisions()
