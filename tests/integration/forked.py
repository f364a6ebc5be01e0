"""The service with routes that a fork might add: `python -m tests.integration.forked serve`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, BackgroundTasks, FastAPI
from fastapi.responses import StreamingResponse

from app import __main__ as command
from app import main
from app.lifecycle import Lifecycle
from app.serving import gunicorn
from app.settings import Settings
from tests.integration import failing

CHUNK = b"x" * 65536
CHUNKS = 256

router = APIRouter(prefix="/fork")


@router.get("/events")
async def events(every_seconds: float = 0.1) -> StreamingResponse:
    """Send events for ever."""

    async def forever() -> AsyncIterator[bytes]:
        while True:
            yield b"data: x\n\n"
            await asyncio.sleep(every_seconds)

    return StreamingResponse(forever(), media_type="text/event-stream")


@router.get("/file")
async def file(pause_seconds: float = 0) -> StreamingResponse:
    """Send a file of some length, as it is made."""

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(CHUNKS):
            if number == 1:
                await asyncio.sleep(pause_seconds)
            yield CHUNK

    return StreamingResponse(pieces(), media_type="application/octet-stream")


@router.get("/task")
async def task(tasks: BackgroundTasks, seconds: float) -> None:
    """Answer, and go on for so long."""

    async def work() -> None:
        await asyncio.sleep(seconds)
        print("task done", flush=True)  # noqa: T201 - what the test waits for

    tasks.add_task(work)


@router.get("/failing-task")
async def failing_task(tasks: BackgroundTasks) -> None:
    """Answer, and fail then."""

    async def work() -> None:
        raise RuntimeError("failed behind the answer")

    tasks.add_task(work)


def create_app(settings: Settings, lifecycle: Lifecycle) -> FastAPI:
    """Return the application with these routes."""
    app = main.create_app(settings, lifecycle)
    app.include_router(router)
    app.include_router(failing.router)
    return app


if __name__ == "__main__":
    patched: Any = gunicorn
    patched.create_app = create_app
    sys.exit(command.main(sys.argv[1:]))
