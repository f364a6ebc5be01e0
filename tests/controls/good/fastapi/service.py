"""A small FastAPI service: notes in a file, and a store beside it that it needs to be ready."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response

LAME_DUCK = Path("/tmp/lame-duck")  # noqa: S108 - the pod's own volume
NOTES = Path("/var/lib/seatrial/notes")
TOKEN = Path("/run/secrets/service/token")


def setting(name: str) -> str:
    """Return a setting; without it the process ends with a message."""
    if name not in os.environ:
        sys.exit(f'{{"message": "{name} must be set"}}')
    return os.environ[name]


def seconds(name: str) -> float:
    """Return a setting that is a number; a bad one ends the process with a message."""
    given = setting(name)
    try:
        return float(given)
    except ValueError:
        sys.exit(f'{{"message": "{name} must be a number of seconds; given: {given}"}}')


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps({"level": record.levelname, "message": record.getMessage()})


class Store:
    """One connection to the store, opened anew when it is broken."""

    def __init__(self, address: str, timeout_seconds: float) -> None:
        self._host, _, self._port = address.partition(":")
        self._timeout_seconds = timeout_seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def answers(self) -> bool:
        """Tell whether it answers in time."""
        try:
            async with asyncio.timeout(self._timeout_seconds), self._turn:
                return await self._ping()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            self.close()
            return False

    async def _ping(self) -> bool:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, int(self._port))
        reader, writer = self._streams
        writer.write(b"PING\n")
        return await reader.readexactly(5) == b"PONG\n"

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._streams:
            self._streams[1].close()
        self._streams = None


handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JsonLines())
logging.basicConfig(level=logging.INFO, handlers=[handler])
store = Store(setting("STORE"), seconds("STORE_TIMEOUT_SECONDS"))
if not TOKEN.is_file():
    sys.exit(f'{{"message": "there is no {TOKEN}"}}')


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Read the token, and leave the store well."""
    token = TOKEN.read_text()
    logging.info("a token of %d characters", len(token))
    yield
    store.close()


app = FastAPI(lifespan=lifespan)


@app.middleware("http")
async def leave_well(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Ask clients to go elsewhere once the preStop hook has said that it ends."""
    response = await call_next(request)
    if LAME_DUCK.exists():
        response.headers["connection"] = "close"
    return response


@app.get("/live")
async def live() -> str:
    """Say that this process works."""
    return "live"


@app.get("/ready")
async def ready(response: Response) -> str:
    """Say whether to send requests here."""
    if LAME_DUCK.exists() or not await store.answers():
        response.status_code = 503
        return "not ready"
    return "ready"


@app.get("/notes")
def notes() -> str:
    """Return the notes."""
    return NOTES.read_text() if NOTES.exists() else ""


@app.post("/notes")
async def note(request: Request) -> str:
    """Keep a note."""
    body = await request.body()
    with NOTES.open("ab") as file:
        file.write(body + b"\n")
    return "kept"
