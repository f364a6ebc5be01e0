"""Notes under any order of events: no page shows a note twice or misses one, and one update of a version wins."""

import asyncio
import tempfile
from collections.abc import Coroutine
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.errors import NotFoundError, ServiceError, StaleError
from app.models import Base
from app.pagination import decode_cursor, encode_cursor
from app.services import notes
from tests.settings import settings_of


class NotesMachine(RuleBasedStateMachine):
    """A reader turns pages while notes come, change and go; `versions` is what must be stored."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.directory = tempfile.TemporaryDirectory()
        self.database = Database(settings_of(database_url=f"sqlite+aiosqlite:///{self.directory.name}/test.db"))
        self.versions: dict[int, int] = {}
        self.created = 0
        self.cursor: str | None = None
        self.seen: list[int] = []
        self.throughout: set[int] = set()

    def call(self, function: Any, *arguments: Any, **options: Any) -> Any:
        """Call a function of the service in a session of its own, and return its result or its error."""
        return self.runner.run(self._attempt(function, *arguments, **options))

    async def _attempt(self, function: Any, *arguments: Any, **options: Any) -> Any:
        session: AsyncSession
        async with self.database.session() as session:
            try:
                return await function(session, *arguments, **options)
            except ServiceError as error:
                return error

    @initialize()
    def create_tables(self) -> None:
        """Begin with an empty database."""

        async def create() -> None:
            async with self.database.engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)

        self.runner.run(create())

    @rule(count=st.integers(1, 5))
    def create(self, count: int) -> None:
        """Notes come."""
        for _ in range(count):
            self.created += 1
            note = self.call(notes.create, title=f"note {self.created}", body="")
            assert note.id not in self.versions
            self.versions[note.id] = 1

    @precondition(lambda self: self.versions)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        """A note goes."""
        row = data.draw(st.sampled_from(sorted(self.versions)))
        self.call(notes.remove, row, if_versions=[self.versions.pop(row)])
        self.throughout.discard(row)
        assert isinstance(self.call(notes.get, row), NotFoundError)

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), writers=st.integers(1, 6), behind=st.integers(0, 1))
    def update_at_once(self, data: st.DataObject, writers: int, behind: int) -> None:
        """Of writers that have read the same version one wins, if it is the current one, and the others are told."""
        row = data.draw(st.sampled_from(sorted(self.versions)))
        read = self.versions[row] - behind

        async def race() -> list[Any]:
            attempts: list[Coroutine[Any, Any, Any]] = [
                self._attempt(notes.replace, row, title=f"note {row} by {n}", body="", if_versions=[read])
                for n in range(writers)
            ]
            return await asyncio.gather(*attempts)

        outcomes = self.runner.run(race())
        losers = [outcome for outcome in outcomes if isinstance(outcome, StaleError)]
        winners = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
        assert len(winners) == (0 if behind else 1)
        assert len(winners) + len(losers) == writers
        self.versions[row] += len(winners)

    @rule(limit=st.integers(1, 4))
    def turn_page(self, limit: int) -> None:
        """Read the next page; after the last one compare what was seen with what was there all the time."""
        if self.cursor is None:
            self.seen, self.throughout = [], set(self.versions)
        after = decode_cursor(self.cursor) if self.cursor else 0
        found = self.call(notes.page, after_id=after, limit=limit + 1)
        page = found[:limit]
        self.seen += [note.id for note in page]
        self.cursor = encode_cursor(page[-1].id) if len(found) > limit else None
        assert len(set(self.seen)) == len(self.seen)
        if self.cursor is None:
            assert self.throughout <= set(self.seen)

    @invariant()
    def stores_what_was_acknowledged(self) -> None:
        """Every note has the version that its updates add up to."""
        if self.created:
            stored = self.call(notes.page, after_id=0, limit=10_000)
            assert {note.id: note.version for note in stored} == self.versions

    def teardown(self) -> None:
        """Close the database."""
        self.runner.run(self.database.close())
        self.runner.close()
        self.directory.cleanup()


TestNotes = NotesMachine.TestCase
TestNotes.settings = hypothesis_settings(max_examples=20, stateful_step_count=20, deadline=None)
