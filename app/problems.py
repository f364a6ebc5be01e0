"""Errors as problem details (RFC 9457), for every answer that is not a success."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette import status as status_codes
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app import errors, logs

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MEDIA_TYPE = "application/problem+json"


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
        body["detail"] = detail
    body |= {"request_id": logs.of_request().get("request_id"), **members}
    return Response(orjson.dumps(body, default=str), status, headers, MEDIA_TYPE)


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


def _service_error(_request: Request, error: Exception) -> Response:
    status = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    headers = RETRY_AFTER if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return problem_response(status, str(error), headers)


def _http_exception(request: Request, error: Exception) -> Response:
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
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    )


def _validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    faults = [{"location": [str(part) for part in fault["loc"]], "message": fault["msg"]} for fault in error.errors()]
    return problem_response(
        status_codes.HTTP_422_UNPROCESSABLE_CONTENT, "The request does not fit the schema.", errors=faults
    )
