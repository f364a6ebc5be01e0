"""What the OpenAPI document's operations have in common: problem responses, and headers of what has versions."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.errors import ServiceError
from app.problems import MEDIA_TYPE, STATUS_OF

_REF = "#/components/schemas/{model}"
ETAG = {"ETag": {"required": True, "schema": {"type": "string", "pattern": '^"[0-9]+"$'}}}
LOCATION = {"Location": {"required": True, "schema": {"type": "string", "format": "uri-reference"}}}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}}


class Fault(BaseModel):
    """One way in which a request does not fit the schema."""

    location: list[str]
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = ""
    request_id: str | None
    errors: list[Fault] = []


def _response(status: HTTPStatus, **members: Any) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=Problem.__name__)}
    return {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": schema}}, **members}


# What any operation may answer, whatever it does.
ANYWHERE: dict[int | str, dict[str, Any]] = {
    HTTPStatus.SERVICE_UNAVAILABLE.value: _response(HTTPStatus.SERVICE_UNAVAILABLE, headers=_RETRY_AFTER)
}
for _status in (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    HTTPStatus.INTERNAL_SERVER_ERROR,
):
    ANYWHERE[_status.value] = _response(_status)


def problems(*errors: type[ServiceError]) -> dict[int | str, dict[str, Any]]:
    """Return the responses of a route that raises these errors."""
    return {STATUS_OF[error].value: _response(STATUS_OF[error]) for error in errors}


def install(app: FastAPI) -> None:
    """Add the schemas that the responses refer to."""
    generate = app.openapi
    _, schemas = models_json_schema([(Problem, "serialization")], ref_template=_REF)

    def openapi() -> dict[str, Any]:
        document = generate()
        document["components"]["schemas"] |= schemas["$defs"]
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way
