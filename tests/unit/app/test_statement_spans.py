"""Which statements are spans, whose children they are, and what they say."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError

from app import statement_spans
from app.database import Database
from app.settings import Settings

SECRET = "what nobody but the database may see"  # noqa: S105 - a statement's parameter


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Return where ended spans are."""
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> TracerProvider:
    """Return the provider under test, which samples everything."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


@pytest.fixture
async def database(settings: Settings, provider: TracerProvider) -> AsyncIterator[Database]:
    """Yield a database whose statements are followed."""
    database = Database(settings)
    statement_spans.follow(database.engine.sync_engine, provider)
    yield database
    await database.close()


@pytest.mark.parametrize("reading", [True, False])
async def test_statement_is_a_child_of_the_current_span_and_has_no_parameters(
    database: Database, provider: TracerProvider, exporter: InMemorySpanExporter, *, reading: bool
) -> None:
    """It says what was asked of which database, in the conventions' words; in SQLAlchemy's greenlet as elsewhere."""
    with provider.get_tracer("test").start_as_current_span("request") as request:
        async with database.session(reading=reading) as session:
            await session.execute(text("SELECT :secret"), {"secret": SECRET})
    statement, outer = exporter.get_finished_spans()
    assert statement.parent == request.get_span_context()
    assert outer.name == "request"
    assert (statement.name, statement.kind) == (f"SELECT {database.engine.url.database}", SpanKind.CLIENT)
    assert statement.attributes == {
        "db.system.name": "sqlite",
        "db.namespace": database.engine.url.database,
        "db.operation.name": "SELECT",
        "db.query.text": "SELECT ?",
    }
    assert statement.status.status_code is StatusCode.UNSET


async def test_statement_that_fails_says_so_and_no_more(
    database: Database, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    """An error's own words may repeat a parameter: its type has to do."""
    with provider.get_tracer("test").start_as_current_span("request"):
        async with database.session() as session:
            with pytest.raises(DBAPIError):
                await session.execute(text("SELECT abs(:secret), json(:secret)"), {"secret": SECRET})
    statement = exporter.get_finished_spans()[0]
    assert statement.attributes
    assert statement.attributes["error.type"] == "OperationalError"
    assert (statement.status.status_code, statement.status.description) == (StatusCode.ERROR, None)
    assert not statement.events
    assert SECRET not in statement.to_json()


async def test_statement_that_is_cancelled_has_an_end(
    database: Database, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    """A request's time limit cancels what it waits for."""
    long = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT count(*) FROM n")
    begun = asyncio.Event()
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *_: begun.set())
    with provider.get_tracer("test").start_as_current_span("request"):
        async with database.session() as session:
            executing = asyncio.create_task(session.execute(long))
            await begun.wait()
            executing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await executing
    statements = [span for span in exporter.get_finished_spans() if span.kind is SpanKind.CLIENT]
    assert [span.attributes["error.type"] for span in statements if span.attributes] == ["CancelledError"]


async def test_statement_of_no_request_is_no_span(database: Database, exporter: InMemorySpanExporter) -> None:
    """Each of a probe's, for as long as the service lives, would be a trace of its own."""
    async with database.session() as session:
        await session.execute(text("SELECT 1"))
    assert exporter.get_finished_spans() == ()


async def test_statement_of_an_unsampled_request_is_no_span(database: Database, exporter: InMemorySpanExporter) -> None:
    """A caller that samples nothing pays for nothing."""
    unsampled = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False).get_tracer("test")
    with unsampled.start_as_current_span("request"):
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
    assert exporter.get_finished_spans() == ()


def test_server_is_what_the_url_says_without_its_credentials() -> None:
    """Spans leave the cluster: the password must not."""
    url = make_url("postgresql+asyncpg://somebody:hidden@db.example:6432/notes")
    assert statement_spans.server_attributes(url) == {
        "db.system.name": "postgresql",
        "db.namespace": "notes",
        "server.address": "db.example",
        "server.port": 6432,
    }
