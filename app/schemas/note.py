"""Notes as JSON."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

# PostgreSQL stores no NUL in text.
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]
# Not of spaces alone: the pattern says in the OpenAPI document what stripping does here.
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")
]


class NoteIn(BaseModel):
    """What a client may say of a note."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    body: Text = ""


class NoteOut(BaseModel):
    """A note; `version` is also its ETag."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    body: str
    version: int
    created_at: datetime
    updated_at: datetime


class NotePage(BaseModel):
    """Some notes, oldest first, and the cursor of the next page if there is one."""

    items: list[NoteOut]
    next: str | None
