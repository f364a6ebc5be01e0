"""(a) with SQLAlchemy: the service's own query in a route that does nothing else."""

import os

from fastapi import FastAPI, HTTPException
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from app.models import Note
from app.schemas.note import NoteOut
from bench.servers import hello

# The pool is the service's default one.
engine = create_async_engine(os.environ["BENCH_DATABASE_URL"], pool_size=5, max_overflow=5)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
app.include_router(hello.router)


@app.get("/api/v1/notes/{note_id}", response_model=NoteOut)
async def read(note_id: int) -> Note:
    """Return a note."""
    async with sessions() as session:
        note = await session.get(Note, note_id)
    if note is None:
        raise HTTPException(404)
    return note
