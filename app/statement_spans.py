"""A span for each SQL statement of a traced request, by OpenTelemetry's semantic conventions for database clients.

https://opentelemetry.io/docs/specs/semconv/database/database-spans/ has the attributes. OpenTelemetry's own
instrumentation of SQLAlchemy takes versions below 2.1 only.
"""

from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider
from sqlalchemy import URL, Engine, event
from sqlalchemy.engine import ExceptionContext

from app.naming import NAME


def follow(engine: Engine, provider: TracerProvider) -> None:
    """Make a span of each statement that the engine executes within a recorded span, so none of a probe's.

    The text of a statement has placeholders: its parameters, which are users' data, are in no attribute. Neither are an
    error's words, which may repeat them. BEGIN, COMMIT and waiting for a connection are in the request's span alone.
    """
    tracer = provider.get_tracer(f"{NAME}.database")
    server = server_attributes(engine.url)

    def begin(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: Any) -> None:
        if not trace.get_current_span().is_recording():
            return
        operation = statement.split(maxsplit=1)[0].upper()
        attributes = {**server, "db.operation.name": operation, "db.query.text": statement}
        name = f"{operation} {server['db.namespace']}"
        context.statement_span = tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)

    def end(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: Any) -> None:
        if span := _taken_from(context):
            span.end()

    def fail(failure: ExceptionContext) -> None:
        # A statement that the request's time limit cancels comes here, too.
        if span := _taken_from(failure.execution_context):
            error = failure.original_exception
            state = getattr(error, "sqlstate", None)
            if state:
                span.set_attribute("db.response.status_code", state)
            span.set_attribute("error.type", state or type(error).__qualname__)
            span.set_status(StatusCode.ERROR)
            span.end()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)


def _taken_from(context: Any) -> Span | None:
    """Return the span that was begun with a statement, once: rows may be fetched, and fail to be, after its end."""
    span: Span | None = vars(context).pop("statement_span", None) if context else None
    return span


def server_attributes(url: URL) -> dict[str, str | int]:
    """Return what the database's URL says, without its user and password."""
    said = {
        "db.system.name": url.get_backend_name(),
        "db.namespace": url.database or "",
        "server.address": url.host,
        "server.port": url.port,
    }
    return {name: value for name, value in said.items() if value is not None}
