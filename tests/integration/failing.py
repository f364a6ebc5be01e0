"""Routes that a fork might add, and that fail with users' data in their hands."""

import asyncio
import enum
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import Enum, bindparam, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Note
from app.routes.session import Session, SessionRoute

MARKER = "hunter2"

router = APIRouter(prefix="/fork/fail", route_class=SessionRoute)


class Colour(enum.Enum):
    """A type whose values are checked on their way to the database."""

    RED = "red"


class Out(BaseModel):
    """What a route says that it returns."""

    number: int


async def _twice(session: AsyncSession) -> None:
    session.add_all([Note(title=MARKER, body=MARKER), Note(title=MARKER, body=MARKER)])
    await session.commit()


async def _null(session: AsyncSession) -> None:
    session.add(Note(title=None, body=MARKER))
    await session.commit()


async def _no_table(session: AsyncSession) -> None:
    await session.execute(text("INSERT INTO missing VALUES (:value)"), {"value": MARKER})


async def _no_enum(session: AsyncSession) -> None:
    await session.execute(
        text("SELECT :value").bindparams(bindparam("value", type_=Enum(Colour, validate_strings=True))),
        {"value": MARKER},
    )


async def _no_type(session: AsyncSession) -> None:
    await session.execute(text("SELECT :value"), {"value": {MARKER}})


async def _many(session: AsyncSession) -> None:
    await session.execute(text("INSERT INTO missing VALUES (:value)"), [{"value": MARKER}, {"value": MARKER}])


async def _row(session: AsyncSession) -> None:
    Out.model_validate({"number": (await session.execute(text("SELECT :value"), {"value": MARKER})).scalar_one()})


async def _group(session: AsyncSession) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_no_table(session))


async def _cause(session: AsyncSession) -> None:
    try:
        await _no_table(session)
    except DBAPIError as error:
        raise RuntimeError("the note is not there") from error


KINDS = {"twice": _twice, "null": _null, "table": _no_table, "enum": _no_enum, "type": _no_type, "many": _many}
KINDS |= {"row": _row, "group": _group, "cause": _cause}


@router.post("/answer", response_model=Out)
async def answer() -> Any:
    """Return what does not fit the model."""
    return {"number": MARKER}


@router.post("/forgotten")
async def forgotten() -> None:
    """Fail in a task that nobody waits for."""

    async def work() -> None:
        Out.model_validate({"number": MARKER})

    asyncio.get_running_loop().create_task(work())


@router.post("/{kind}")
async def fail(kind: str, session: Session) -> None:
    """Fail in the way that is asked for."""
    await KINDS[kind](session)
