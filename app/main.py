"""The application: routes, middleware and resources wired together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from app import logs, openapi, problems, statement_spans, tracing
from app.admission import Admission
from app.database import Database
from app.layers import LayeredApp
from app.lifecycle import Lifecycle
from app.metrics import Metrics
from app.middleware.body import Bodies
from app.middleware.exchange import ExchangeMiddleware
from app.middleware.limits import LimitsMiddleware
from app.middleware.observation import OPERATIONAL, Observation
from app.middleware.stay import Phases
from app.middleware.trusted_hosts import TrustedHostsMiddleware
from app.naming import TITLE
from app.readiness import Readiness
from app.routes import docs, health, metrics, notes
from app.settings import Settings

# Probes and scrapes come by IP.
UNRESTRICTED = ("/health/", "/metrics")


def create_app(settings: Settings, lifecycle: Lifecycle) -> FastAPI:
    """Return one worker's application; its resources are opened and closed by the lifespan."""
    tracer_provider = tracing.start()
    numbers = Metrics(version=settings.version, revision=settings.revision, dropped_lines=logs.dropped)
    numbers.watch(lambda: lifecycle.phase)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings, numbers.connection_acquired)
        if tracer_provider:
            statement_spans.follow(database.engine.sync_engine, tracer_provider)
        numbers.watch_pool(database.pool, settings.database_pool_size + settings.database_max_overflow)
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
            if tracer_provider:
                await tracing.flush(tracer_provider)

    app = LayeredApp(
        own=_layers(settings, lifecycle, numbers),
        title=TITLE,
        version="1",
        lifespan=lifespan,
        openapi_url="/openapi.json" if settings.docs else None,
        docs_url=None,  # FastAPI's pages load their scripts from a CDN; ours are in app/routes/docs.py
        redoc_url=None,
        responses=openapi.ANYWHERE,
        telemetry={
            "tracing": bool(tracer_provider),
            "metrics": False,  # /metrics has them
            "logs": False,  # stdout has them
            "operation_spans": False,
            "auto_configure": False,  # its flush waits for a collector that is gone, longer than a worker may take
            "exclude": lambda scope: scope["path"] in OPERATIONAL,
        },
    )
    app.state.lifecycle = lifecycle
    app.state.metrics = numbers
    # Half of the connections: the rest are for probes, and for those that wait for their clients.
    most_waiting = max(settings.concurrent_requests, settings.max_connections // 2)
    app.state.admission = Admission(settings.concurrent_requests, most_waiting=most_waiting)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(notes.router)
    if settings.docs:
        app.include_router(docs.router)
    problems.install(app)
    openapi.install(app)
    return app


def _layers(settings: Settings, lifecycle: Lifecycle, metrics: Metrics) -> list[Middleware]:
    """Return the service's own layers, the outermost first."""
    observation = Observation(metrics, log_probes=settings.log_probes)
    layers = [
        Middleware(ExchangeMiddleware, lifecycle=lifecycle, observation=observation, root_path=settings.root_path)
    ]
    if settings.allowed_origins:
        layers.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.allowed_origins,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["ETag", "Location", "X-Request-ID"],
            )
        )
    if "*" not in settings.trusted_hosts:
        layers.append(Middleware(TrustedHostsMiddleware, hosts=settings.trusted_hosts, exempt=UNRESTRICTED))
    # Half of the connections at most: the others are for requests, and for new ones.
    phases = Phases(
        streams=max(1, settings.max_connections // 2),
        idle_seconds=settings.keep_alive_seconds,
        background=settings.concurrent_requests,
        background_seconds=settings.lame_duck_seconds + settings.linger_seconds + settings.drain_seconds,
    )
    metrics.watch_places(phases.stream.places, phases.background.places)
    lifecycle.when_draining(phases.end_event_streams)
    layers.append(
        Middleware(
            LimitsMiddleware,
            seconds=settings.request_timeout_seconds,
            bodies=Bodies(
                max_bytes=settings.max_body_bytes,
                max_held_bytes=settings.max_buffered_bytes,
                max_json_values=settings.max_json_values,
            ),
            phases=phases,
        )
    )
    return layers
