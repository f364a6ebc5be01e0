"""What a fork adds to the application: it runs, at a place of its own in the order, or is refused by name."""

from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI, Request, Response
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs
from app.layers import UnsupportedError


class Marking:
    """A layer that adds its mark to the answers, and to the log's lines."""

    def __init__(self, app: ASGIApp, mark: str) -> None:
        self._app = app
        self._mark = mark

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-mark", self._mark.encode())]
            await send(message)

        if scope["type"] == "http":
            logs.of_request()["mark"] = self._mark
        await self._app(scope, receive, marked)


class Failing(Marking):
    """A layer with a bug."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Fail."""
        if scope["type"] == "http":
            raise RuntimeError(self._mark)
        await self._app(scope, receive, send)


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    """Return the application with a route that fails in a way nobody foresaw."""

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("a bug")

    return app


async def test_middleware_that_is_added_runs(app: FastAPI, client: httpx.AsyncClient) -> None:
    """The last one added is the outermost of those; all of them are within the request's id."""
    del client
    app.middleware_stack = None
    app.add_middleware(Marking, mark="inner")
    app.add_middleware(Marking, mark="outer")

    @app.middleware("http")
    async def function(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers["x-function"] = str(logs.of_request()["request_id"])
        return response

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as asking:
        answer = await asking.get("/health/live", headers={"x-request-id": "r1"})
    assert answer.headers.get_list("x-mark") == ["inner", "outer"]
    assert answer.headers["x-function"] == answer.headers["x-request-id"] == "r1"


async def test_middleware_that_fails_is_an_unhandled_error_of_its_request(app: FastAPI) -> None:
    """500 with problem details and the traceback in the log, as for a route."""
    app.add_middleware(Failing, mark="a bug")
    with structlog.testing.capture_logs() as captured:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            answer = await client.get("/health/live")
    assert (answer.status_code, answer.json()["title"]) == (500, "Internal Server Error")
    assert [line["event"] for line in captured] == ["unhandled error"]


async def _teapot(_request: Request, error: Exception) -> Response:
    return JSONResponse({"teapot": str(error)}, 418)


def _teapot_in_a_thread(_request: Request, error: Exception) -> Response:
    return JSONResponse({"teapot": str(error)}, 418)


@pytest.mark.parametrize("key", [500, Exception])
@pytest.mark.parametrize("handler", [_teapot, _teapot_in_a_thread])
async def test_handler_of_all_errors_answers_them(
    app: FastAPI, client: httpx.AsyncClient, key: Any, handler: Any
) -> None:
    """In place of the service's 500; the traceback is logged all the same."""
    app.add_exception_handler(key, handler)
    with structlog.testing.capture_logs() as captured:
        answer = await client.get("/bug")
    assert (answer.status_code, answer.json()) == (418, {"teapot": "a bug"})
    assert [line["event"] for line in captured] == ["unhandled error"]


async def test_handler_of_all_errors_that_fails_leaves_the_services_answer(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    """A client has an answer, and the log both tracebacks."""

    async def handler(_request: Request, _error: Exception) -> Response:
        raise RuntimeError("another bug")

    app.add_exception_handler(Exception, handler)
    with structlog.testing.capture_logs() as captured:
        answer = await client.get("/bug")
    assert (answer.status_code, answer.json()["title"]) == (500, "Internal Server Error")
    assert [line["event"] for line in captured] == ["unhandled error", "the handler of unhandled errors failed"]


async def test_handler_of_one_error_answers_it(app: FastAPI, client: httpx.AsyncClient) -> None:
    """As in any FastAPI application; it is no unhandled error."""
    app.add_exception_handler(RuntimeError, _teapot)
    app.middleware_stack = None
    with structlog.testing.capture_logs() as captured:
        assert (await client.get("/bug")).status_code == 418
    assert captured == []


def test_what_would_have_no_effect_is_refused_by_name(app: FastAPI) -> None:
    """The message says what to do instead."""
    app.router.add_event_handler("startup", lambda: None)
    with pytest.raises(UnsupportedError, match=r"on_event .* use the lifespan in app/main.py"):
        app.build_middleware_stack()
    app.router.on_startup.clear()
    app.max_body_size = 1
    with pytest.raises(UnsupportedError, match=r"max_body_size .* set APP_MAX_BODY_BYTES"):
        app.build_middleware_stack()
    app.max_body_size = None
    app.build_middleware_stack()
