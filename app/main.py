"""The application: routes, middleware and resources wired together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from app import openapi, problems
from app.database import Database
from app.lifecycle import Lifecycle
from app.middleware.access_log import AccessLogMiddleware
from app.middleware.body_limit import BodyLimitMiddleware
from app.middleware.concurrency_limit import ConcurrencyLimitMiddleware
from app.middleware.connection_close import ConnectionCloseMiddleware
from app.middleware.request_id import RequestIdMiddleware
from app.middleware.request_timeout import RequestTimeoutMiddleware
from app.middleware.trusted_hosts import TrustedHostsMiddleware
from app.middleware.unhandled_errors import UnhandledErrorsMiddleware
from app.readiness import Readiness
from app.routes import health, notes
from app.settings import Settings

# Probes come by IP and must have their answer in an overload, too.
UNRESTRICTED = ("/health/",)


def create_app(settings: Settings, lifecycle: Lifecycle) -> FastAPI:
    """Return one worker's application; its resources are opened and closed by the lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings)
        app.state.database = database
        app.state.readiness = Readiness(
            {"database": database.check},
            timeout_seconds=settings.readiness_timeout_seconds,
            cache_seconds=settings.readiness_cache_seconds,
        )
        lifecycle.become_ready()
        try:
            yield
        finally:
            await database.close()

    # The documentation pages load their scripts from a CDN; the schema itself is at /openapi.json.
    app = FastAPI(
        title="Seatrial", version="1", lifespan=lifespan, docs_url=None, redoc_url=None, responses=openapi.ANYWHERE
    )
    app.state.lifecycle = lifecycle
    app.include_router(health.router)
    app.include_router(notes.router)
    problems.install(app)
    openapi.install(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes)
    app.add_middleware(RequestTimeoutMiddleware, seconds=settings.request_timeout_seconds)
    app.add_middleware(ConcurrencyLimitMiddleware, max_requests=settings.max_concurrent_requests, exempt=UNRESTRICTED)
    if "*" not in settings.trusted_hosts:
        app.add_middleware(TrustedHostsMiddleware, hosts=settings.trusted_hosts, exempt=UNRESTRICTED)
    app.add_middleware(UnhandledErrorsMiddleware)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["ETag", "Link", "Location", "X-Request-ID"],
        )
    app.add_middleware(AccessLogMiddleware, probes=settings.log_probes)
    app.add_middleware(RequestIdMiddleware)
    app.add_middleware(ConnectionCloseMiddleware, lifecycle=lifecycle)
    return app
