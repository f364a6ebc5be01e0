"""The service's notes in routes that do nothing else: its models, its queries and its pool, and stock all around."""

import os
from collections.abc import Sequence

from fastapi import APIRouter, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from app.models import Note
from app.schemas.note import NoteOut, NotePage

LIMIT = 20  # the service's default

router = APIRouter(prefix="/api/v1/notes")
# The pool is the service's default one.
engine = create_async_engine(os.environ["BENCH_DATABASE_URL"], pool_size=5, max_overflow=5)
sessions = async_sessionmaker(engine, expire_on_commit=False)


@router.get("", response_model=NotePage)
async def page() -> dict[str, Sequence[Note] | None]:
    """Return the first page of notes."""
    async with sessions() as session:
        found = (await session.scalars(select(Note).where(Note.id > 0).order_by(Note.id).limit(LIMIT + 1))).all()
    return {"items": found[:LIMIT], "next": None}


@router.get("/{note_id}", response_model=NoteOut)
async def read(note_id: int) -> Note:
    """Return a note."""
    async with sessions() as session:
        note = await session.get(Note, note_id)
    if note is None:
        raise HTTPException(404)
    return note
