"""The example resource, to be replaced by one's own: create, read, list, update and delete notes."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic.json_schema import SkipJsonSchema

from app.errors import ConflictError, NotFoundError, StaleError, UnconditionalError
from app.etags import TagField, etag, versions
from app.models import MAX_ID, Note
from app.openapi import ETAG, LOCATION, problems
from app.pagination import decode_cursor, encode_cursor
from app.routes.session import Reading, RouteSession, Session, SessionRoute
from app.schemas.note import NoteIn, NoteOut, NotePage
from app.services import notes

__all__ = ["Reading", "Session", "router"]  # the sessions, because forks of 0.1.0 import them from here

router = APIRouter(prefix="/api/v1/notes", tags=["notes"], route_class=SessionRoute)

MAX_LIMIT = 100

NoteId = Annotated[int, Path(ge=1, le=MAX_ID)]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=NoteOut,
    responses={201: {"headers": LOCATION | ETAG}, **problems(ConflictError)},
)
async def create(note_in: NoteIn, session: RouteSession, request: Request, response: Response) -> Note:
    """Store a note."""
    note = await notes.create(session, title=note_in.title, body=note_in.body)
    response.headers["Location"] = request.url_for("read", note_id=note.id).path
    response.headers["ETag"] = etag(note.version)
    return note


@router.get("", response_model=NotePage)
async def list_(
    session: RouteSession,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20,
    cursor: Annotated[str | SkipJsonSchema[None], Query(max_length=64)] = None,
) -> Any:
    """Return a page of notes, oldest first; `next` is the cursor of the next page, if there is one."""
    found = await notes.page(session, after_id=decode_cursor(cursor) if cursor else 0, limit=limit + 1)
    items = found[:limit]
    return {"items": items, "next": encode_cursor(items[-1].id) if len(found) > limit else None}


@router.get(
    "/{note_id}",
    response_model=NoteOut,
    responses={
        200: {"headers": ETAG},
        304: {"headers": ETAG, "description": "The client has this version."},
        **problems(NotFoundError),
    },
)
async def read(
    note_id: NoteId, session: RouteSession, response: Response, if_none_match: Annotated[TagField, Header()] = None
) -> Note | Response:
    """Return a note, or 304 if the client has this version."""
    note = await notes.get(session, note_id)
    # Kept by the client alone, and asked for again each time: what else is an ETag for?
    headers = {"ETag": etag(note.version), "Cache-Control": "private, no-cache"}
    if if_none_match is not None:
        known = versions(if_none_match, weak=True)
        if known is None or note.version in known:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return note


@router.put(
    "/{note_id}",
    response_model=NoteOut,
    responses={
        200: {"headers": ETAG},
        **problems(NotFoundError, ConflictError, StaleError, UnconditionalError),
    },
)
async def replace(
    note_id: NoteId,
    note_in: NoteIn,
    session: RouteSession,
    response: Response,
    if_match: Annotated[TagField, Header()] = None,
) -> Note:
    """Overwrite a note; `If-Match` must name the version that the client has read, or `*`."""
    if if_match is None:
        raise UnconditionalError("Send If-Match with the ETag of the note as you read it, or * for any.")
    known = versions(if_match, weak=False)
    note = await notes.replace(session, note_id, title=note_in.title, body=note_in.body, if_versions=known)
    response.headers["ETag"] = etag(note.version)
    return note


@router.delete("/{note_id}", status_code=HTTPStatus.NO_CONTENT, responses=problems(NotFoundError, StaleError))
async def delete(note_id: NoteId, session: RouteSession, if_match: Annotated[TagField, Header()] = None) -> None:
    """Delete a note; with `If-Match`, only the version it names."""
    known = None if if_match is None else versions(if_match, weak=False)
    await notes.remove(session, note_id, if_versions=known)
