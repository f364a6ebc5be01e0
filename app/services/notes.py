"""Notes: each function is one transaction, committed before it returns: an answered write is kept."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import ConflictError, NotFoundError, StaleError
from app.models import Note, breaks_unique


async def create(session: AsyncSession, *, title: str, body: str) -> Note:
    """Store a note; raise ConflictError."""
    note = Note(title=title, body=body)
    session.add(note)
    try:
        await session.commit()
    except IntegrityError as error:
        if not breaks_unique(error, Note.title):
            raise
        raise _title_taken(title) from error
    return note


async def get(session: AsyncSession, note_id: int) -> Note:
    """Return a note; raise NotFoundError."""
    note = await session.get(Note, note_id)
    if note is None:
        raise _not_found(note_id)
    return note


async def page(session: AsyncSession, *, after_id: int, limit: int) -> Sequence[Note]:
    """Return up to `limit` notes whose ids follow `after_id`: rows that come or go shift nobody."""
    return (await session.scalars(select(Note).where(Note.id > after_id).order_by(Note.id).limit(limit))).all()


async def replace(
    session: AsyncSession, note_id: int, *, title: str, body: str, if_versions: Sequence[int] | None
) -> Note:
    """Overwrite a note whose version is one of `if_versions` (None: any).

    It is one statement, so that of two that race one wins. Raise NotFoundError, StaleError or ConflictError.
    """
    statement = update(Note).where(Note.id == note_id)
    if if_versions is not None:
        statement = statement.where(Note.version.in_(if_versions))
    statement = statement.values(title=title, body=body, version=Note.version + 1)
    try:
        note = (await session.scalars(statement.returning(Note))).one_or_none()
        await session.commit()
    except IntegrityError as error:
        if not breaks_unique(error, Note.title):
            raise
        raise _title_taken(title) from error
    if note is None:
        raise await _missing_or_changed(session, note_id)
    return note


async def remove(session: AsyncSession, note_id: int, *, if_versions: Sequence[int] | None) -> None:
    """Delete a note whose version is one of `if_versions` (None: any); raise NotFoundError, StaleError."""
    statement = delete(Note).where(Note.id == note_id)
    if if_versions is not None:
        statement = statement.where(Note.version.in_(if_versions))
    removed = (await session.scalars(statement.returning(Note.id))).one_or_none()
    await session.commit()
    if removed is None:
        raise await _missing_or_changed(session, note_id)


async def _missing_or_changed(session: AsyncSession, note_id: int) -> Exception:
    if await session.scalar(select(Note.id).where(Note.id == note_id)):
        return StaleError(f"Note {note_id} has changed since you read it; read it again.")
    return _not_found(note_id)


def _not_found(note_id: int) -> NotFoundError:
    return NotFoundError(f"There is no note {note_id}.")


def _title_taken(title: str) -> ConflictError:
    return ConflictError(f"Another note has the title {title!r}.")
