"""Errors as problem details (RFC 9457), for every answer that is not a success."""

import inspect
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette import status as status_codes
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from app import errors, logs

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MEDIA_TYPE = "application/problem+json"
# What an answer says of a request is a fraction of it at most: characters of a detail; faults, and of each of them the
# characters of its message, and the parts of its location and their characters.
MAX_DETAIL = 1000
MAX_FAULTS = 20
MAX_MESSAGE = 300
MAX_PARTS, MAX_PART = 16, 100

STATUS_OF: dict[type[Exception], HTTPStatus] = {
    errors.BadRequestError: HTTPStatus.BAD_REQUEST,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.StaleError: HTTPStatus.PRECONDITION_FAILED,
    errors.UnconditionalError: HTTPStatus.PRECONDITION_REQUIRED,
    errors.UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}

# The readiness probe's period, in seconds: by then another instance may answer, or this one again.
RETRY_AFTER = {"Retry-After": "2"}


def problem_response(
    status: int, detail: str | None = None, headers: Mapping[str, str] | None = None, **members: Any
) -> Response:
    """Return an answer with the problem's members; the title is the status's own phrase."""
    body: dict[str, Any] = {"type": "about:blank", "title": _phrase(status), "status": status}
    if detail:
        body["detail"] = _cut(detail, MAX_DETAIL)
    body |= {"request_id": logs.of_request().get("request_id"), **members}
    try:
        content = orjson.dumps(body, default=str)
    except TypeError:  # half of a surrogate pair, in JSON that the client has sent
        content = json.dumps(body, default=str).encode()
    return Response(content, status, headers, MEDIA_TYPE)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}..."


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # not everybody keeps to the registered ones
        return "Error"


def install(app: FastAPI) -> None:
    """Make `app` answer its errors with problem details."""
    app.add_exception_handler(errors.ServiceError, _service_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)


async def unforeseen(scope: Scope, error: Exception) -> Response:
    """Return the answer to an error that nobody foresaw: 500, or what the application's handler for it says."""
    handlers = scope["app"].exception_handlers
    handler = handlers.get(HTTPStatus.INTERNAL_SERVER_ERROR) or handlers.get(Exception)
    if handler is None:
        return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR)
    request = Request(scope)
    if inspect.iscoroutinefunction(handler):
        response: Response = await handler(request, error)
    else:
        response = await run_in_threadpool(handler, request, error)
    return response


async def _service_error(_request: Request, error: Exception) -> Response:
    status = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    headers = RETRY_AFTER if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return problem_response(status, str(error), headers)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker: Starlette dispatches by type
    detail = None if error.detail == _phrase(error.status_code) else error.detail
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed_methods(request)
    return problem_response(error.status_code, detail, headers)


def _allowed_methods(request: Request) -> str:
    """Return all methods of the request's path; Starlette knows only those of the first route that has the path."""
    return ", ".join(
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": asked})[0] is Match.FULL
            for route in request.app.routes
            for asked in ((method, "GET") if method == "HEAD" else (method,))
        )
    )


async def _validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    found = error.errors()
    faults = [
        {
            "location": [_cut(str(part), MAX_PART) for part in fault["loc"][:MAX_PARTS]],
            "message": _cut(fault["msg"], MAX_MESSAGE),
        }
        for fault in found[:MAX_FAULTS]
    ]
    detail = "The request does not fit the schema."
    if len(found) > MAX_FAULTS:
        detail = f"The request does not fit the schema: {len(found)} faults, of which the first {MAX_FAULTS} follow."
    return problem_response(status_codes.HTTP_422_UNPROCESSABLE_CONTENT, detail, errors=faults)
