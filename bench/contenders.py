"""Who is compared: (a) bare FastAPI, (b) the common tutorial's set-up, (c) this service; how each is started."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

HELLO = "/hello"


@dataclass(frozen=True)
class Contender:
    """A server on the image's Python, or on another (`python`).

    `argv`, which are Python's arguments, and `variables` are formatted with its port and its directory; `before` are
    Python's arguments for what runs once, before it; `options` are podman's for both.
    """

    name: str
    argv: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)
    ready_path: str = HELLO
    before: tuple[str, ...] = ()
    python: str | None = None
    options: tuple[str, ...] = ()

    def with_variables(self, **more: str) -> "Contender":
        """Return it with more variables in its environment."""
        return replace(self, variables={**self.variables, **more})

    def with_arguments(self, *more: str) -> "Contender":
        """Return it with more arguments."""
        return replace(self, argv=(*self.argv, *more))

    def with_options(self, *more: str) -> "Contender":
        """Return it in a container with more of podman's options."""
        return replace(self, options=(*self.options, *more))


def _uvicorn(module: str) -> tuple[str, ...]:
    options = ("--host=127.0.0.1", "--port={port}", "--no-access-log", "--log-level=warning")
    return ("-m", "uvicorn", f"bench.servers.{module}:app", *options)


def _gunicorn(module: str) -> tuple[str, ...]:
    options = ("--worker-class=uvicorn_worker.UvicornWorker", "--bind=127.0.0.1:{port}", "--workers=1")
    return ("-m", "gunicorn", f"bench.servers.{module}:app", *options)


BARE = Contender("(a) bare FastAPI", _uvicorn("bare"))
BARE_DATABASE = Contender(
    "(a) bare FastAPI with SQLAlchemy",
    _uvicorn("bare_database"),
    {"BENCH_DATABASE_URL": "sqlite+aiosqlite:///{directory}/bare.db"},
)
# Without max_requests: one worker alone would be away for a second in each thousand requests.
TUTORIAL_ONE_WORKER = Contender("(b) tutorial, one worker", _gunicorn("tutorial"), ready_path="/health")
TUTORIAL_DATABASE = Contender(
    "(b) tutorial with SQLAlchemy, one worker",
    _gunicorn("tutorial_database"),
    BARE_DATABASE.variables,
    ready_path="/health",
)
TUTORIAL = replace(TUTORIAL_ONE_WORKER, name="(b) tutorial").with_arguments(
    f"--workers={2 * (os.cpu_count() or 1) + 1}", "--max-requests=1000"
)
SERVICE = Contender(
    "(c) this service",
    ("-m", "bench.servers.service"),
    {
        "APP_HOST": "127.0.0.1",
        "APP_PORT": "{port}",
        "APP_DATABASE_URL": "sqlite+aiosqlite:///{directory}/service.db",
        "APP_LOG_FORMAT": "json",
        "WEB_CONCURRENCY": "1",
    },
    ready_path="/health/ready",
    before=("-m", "app", "migrate"),
)
