"""Traces of the real process, received as a collector receives them."""

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests import tables
from tests.integration.otlp import receiving
from tests.integration.service import Service, running

NOTES = "/api/v1/notes"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
QUICKLY = {"APP_LAME_DUCK_SECONDS": "0", "APP_LINGER_SECONDS": "0"}


async def traced(service: Service, path: str, **headers: str) -> None:
    """Send one request."""
    async with httpx.AsyncClient() as client:
        await client.get(f"{service.url}{path}", headers=headers)


async def ended(service: Service) -> float:
    """End the service by SIGTERM and return the seconds it took; it must end well."""
    began = time.monotonic()
    service.process.terminate()
    assert await service.exit_code() == 0
    return time.monotonic() - began


async def test_request_is_a_span_of_its_callers_trace_and_in_the_logs(tmp_path: Path) -> None:
    """The span is the caller's child, has the route's template, and its ids are in every line; probes are no spans.

    Neither are their statements; the request's own is its span's child, failed or not.
    """
    with receiving() as receiver:
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_SERVICE_NAME": "trial", **QUICKLY}
        async with running(tmp_path, "serve", **variables) as service:
            await service.until_ready()
            tables.drop_from(tmp_path / "test.db")
            await traced(service, f"{NOTES}/7", traceparent=f"00-{TRACE}-{PARENT}-01")
            await ended(service)
        lines = [line for line in service.events() if "request_id" in line]
    statement, span = receiver.spans
    assert receiver.services == {"trial"}
    assert (span.name, span.kind) == (f"GET {NOTES}/{{note_id}}", Span.SPAN_KIND_SERVER)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    # The table is missing: the traceback and the access line.
    assert [line["event"] for line in lines] == ["unhandled error", "request"]
    assert {(line["trace_id"], line["span_id"]) for line in lines} == {(TRACE, span.span_id.hex())}
    assert (statement.kind, statement.parent_span_id) == (Span.SPAN_KIND_CLIENT, span.span_id)
    assert statement.name.startswith("SELECT ")
    assert {each.key: each.value.string_value for each in statement.attributes}["error.type"] == "OperationalError"


async def test_request_without_a_caller_begins_a_trace(tmp_path: Path) -> None:
    """And a caller that samples nothing is heard: its request is no span that anybody gets."""
    with receiving() as receiver:
        async with running(tmp_path, "serve", OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, **QUICKLY) as service:
            await service.until_ready()
            await traced(service, "/nowhere")
            await traced(service, "/nowhere", traceparent=f"00-{TRACE}-{PARENT}-00")
            await ended(service)
    (span,) = receiver.spans
    assert span.parent_span_id == b""
    assert span.trace_id.hex() not in (TRACE, "0" * 32)


@pytest.mark.parametrize("answering", [None, False], ids=["refuses", "hangs"])
async def test_collector_that_is_gone_delays_nothing(tmp_path: Path, answering: bool | None) -> None:  # noqa: FBT001 - a parameter
    """Requests are answered, and the end takes no longer than the flush may: well below the 30 s of the SDK."""
    with receiving(answering=bool(answering)) as receiver:
        url = "http://127.0.0.1:9" if answering is None else receiver.url
        async with running(tmp_path, "serve", OTEL_EXPORTER_OTLP_ENDPOINT=url, **QUICKLY) as service:
            await service.until_ready()
            await traced(service, "/nowhere")
            assert await ended(service) < 15
    assert service.printed("spans are lost") == 1
    assert service.printed("Application shutdown complete") == 1


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_TRACES_EXPORTER": "", "OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "True"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_is_imported_when_traces_are_off(tmp_path: Path, variables: dict[str, str]) -> None:
    """No SDK, no exporter, no protobuf."""
    code = "import sys; import app.asgi; print([name for name in sys.modules if 'otlp' in name or '.sdk' in name])"
    environment = {"APP_DATABASE_URL": "sqlite+aiosqlite://", "PYTHONPATH": str(Path(__file__).parents[2]), **variables}
    script = [sys.executable, "-c", code]
    done = subprocess.run(script, check=True, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.stdout.strip() == "[]"


async def test_missing_extra_is_said_and_does_not_stop_the_start(tmp_path: Path) -> None:
    """A cluster gives its variables to all pods alike."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['opentelemetry.sdk.trace'] = None\n")
    paths = f"{tmp_path}:{Path(__file__).parents[2]}"
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "PYTHONPATH": paths}
    async with running(tmp_path, "serve", **variables) as service:
        await service.until_ready()
        assert service.printed("the extra `otel` is not installed") == 1


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"OTEL_TRACES_EXPORTER": "console"}, "OTEL_TRACES_EXPORTER is console; supported: otlp, none"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL is grpc; supported: http/protobuf"),
    ],
)
async def test_unsupported_traces_are_said_and_do_not_stop_the_start(
    tmp_path: Path, variables: dict[str, str], message: str
) -> None:
    """Spans that would go nowhere are not made; the one line names the variable."""
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", **QUICKLY, **variables}
    async with running(tmp_path, "serve", **variables) as service:
        await service.until_ready()
        await traced(service, "/nowhere")
        await ended(service)
    assert service.printed(message) == 1
    assert service.printed("spans are lost") == 0


async def test_exporter_without_an_endpoint_has_the_standards_default(tmp_path: Path) -> None:
    """OTEL_TRACES_EXPORTER=otlp asks for traces as an endpoint does; nobody listens on port 4318 here."""
    async with running(tmp_path, "serve", OTEL_TRACES_EXPORTER="otlp", **QUICKLY) as service:
        await service.until_ready()
        await traced(service, "/nowhere")
        await ended(service)
    assert service.printed("spans are lost") == 1
