"""Traces by OpenTelemetry, when its own variables say where they go; else nothing of its SDK is imported.

FastAPI makes the spans (`fastapi.telemetry`); this owns the provider, its end, and the span's ids in the logs.
"""

import asyncio
import os
import threading
from contextlib import suppress
from typing import Any

import structlog
from opentelemetry import trace

from app import logs

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
EXPORTER = "OTEL_TRACES_EXPORTER"
FLUSH_SECONDS = 2.0  # of the 5 that the clean-up after the drain may take

_log = structlog.get_logger()


def start() -> Any:
    """Return a provider that exports spans by OTLP over HTTP, None if the environment does not ask for one.

    A cluster may give its variables to all pods alike: one that cannot do what they ask for says so and serves.
    """
    if not _asked_for():
        return None
    if reason := _unsupported():
        _log.warning(f"no traces: {reason}")
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - as above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - as above
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - as above
    except ImportError:
        _log.warning("no traces: they are asked for, and the extra `otel` is not installed")
        return None
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    logs.add_to_every_line(span_ids)
    return provider


def _variable(*names: str) -> str:
    """Return the first of these variables that is set, in lower case; an empty one counts as not set."""
    return next(filter(None, (os.environ.get(name, "").strip() for name in names)), "").lower()


def _asked_for() -> bool:
    """Return whether the environment asks for traces: it names an endpoint, or an exporter that has a default one."""
    exporter = _variable(EXPORTER)
    if _variable("OTEL_SDK_DISABLED") == "true" or exporter == "none":
        return False
    return bool(exporter or _variable(*ENDPOINTS))


def _unsupported() -> str | None:
    """Return why what the environment asks for cannot be done, if so."""
    exporter, protocol = _variable(EXPORTER), _variable(*PROTOCOLS)
    if exporter not in ("", "otlp"):
        return f"{EXPORTER} is {exporter}; supported: otlp, none"
    if protocol not in ("", "http/protobuf"):
        return f"{next(filter(os.environ.get, PROTOCOLS))} is {protocol}; supported: http/protobuf"
    return None


def span_ids() -> dict[str, str]:
    """Return the active span's ids, nothing if there is no span."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(context.trace_id), "span_id": trace.format_span_id(context.span_id)}


async def flush(provider: Any) -> None:
    """Export what is left, for at most FLUSH_SECONDS: a collector that is gone must not hold up the end."""
    loop, flushed = asyncio.get_running_loop(), asyncio.Event()

    def work() -> None:
        provider.force_flush()  # its own time-out is not observed (open-telemetry/opentelemetry-python#4568)
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(flushed.set)

    # A daemon: nobody waits for it at the end, as somebody does for the threads of asyncio.to_thread.
    threading.Thread(target=work, daemon=True).start()
    try:
        async with asyncio.timeout(FLUSH_SECONDS):
            await flushed.wait()
    except TimeoutError:
        _log.warning("spans are lost: the collector did not take them in time")
