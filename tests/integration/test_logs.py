"""Logs of the real process: one JSON object a line, whoever wrote it."""

from pathlib import Path

import httpx
import pytest

from tests import tables
from tests.integration.service import running

SPEAKERS = {
    "structlog": "import structlog; structlog.get_logger().info('hello', answer=42)",
    "logging": "import logging; logging.getLogger('some.library').warning('hello %s', 'there')",
    "a warning": "import warnings; warnings.warn('hello')",
    "sqlalchemy": "import logging; logging.getLogger('sqlalchemy.engine').error('hello')",
    "an uncaught exception": "raise RuntimeError('hello')",
    "an uncaught exception in a thread": (
        "import threading; t = threading.Thread(target=lambda: int('hello')); t.start(); t.join()"
    ),
    "an exception in a line": (
        "import structlog\ntry: int('hello')\nexcept ValueError: structlog.get_logger().exception('oh')"
    ),
    "an integer of more than 64 bits": "import structlog; structlog.get_logger().info('hello', number=2**70)",
    "half of a surrogate pair": r"import structlog; structlog.get_logger().info('hello', text='\\ud800')",
    "something that is not JSON": "import structlog; structlog.get_logger().info('hello', it=object(), raw=b'x')",
}


@pytest.mark.parametrize("code", SPEAKERS.values(), ids=SPEAKERS.keys())
async def test_every_line_is_one_json_object(tmp_path: Path, code: str) -> None:
    """Each has a time, a level and an event, and an exception's traceback does not break the line."""
    (tmp_path / "speaker.py").write_text(
        f"from app import logs\nfrom app.settings import load_settings\nlogs.configure(load_settings())\n{code}\n"
    )
    paths = f"{tmp_path}:{Path(__file__).parents[2]}"
    async with running(tmp_path, module="speaker", PYTHONPATH=paths) as service:
        await service.exit_code()
    (line,) = service.events()
    assert {"event", "level", "timestamp"} <= line.keys()
    assert "hello" in str(line)


async def test_lines_below_the_level_are_left_out(tmp_path: Path) -> None:
    """The level is a setting, for the access log, too."""
    code = "from app import logs\nfrom app.settings import load_settings\nlogs.configure(load_settings())\n"
    code += "import structlog, logging\nstructlog.get_logger().debug('x')\nlogging.getLogger('y').debug('y')\n"
    code += "logs.emit('request', {})\n"
    (tmp_path / "speaker.py").write_text(code)
    paths = f"{tmp_path}:{Path(__file__).parents[2]}"
    for level, count in (("error", 0), ("info", 1), ("debug", 3)):
        async with running(tmp_path, module="speaker", PYTHONPATH=paths, APP_LOG_LEVEL=level) as service:
            await service.exit_code()
        assert len(service.events()) == count


async def test_life_of_the_service_is_all_json_and_has_each_request_once(tmp_path: Path) -> None:
    """From gunicorn's first word to its last; the access log is ours alone."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="0", APP_LINGER_SECONDS="0") as service:
        await service.until_ready()
        async with httpx.AsyncClient() as client:
            await client.get(f"{service.url}/api/v1/notes", headers={"x-request-id": "only-once"})
        service.process.terminate()
        await service.exit_code()
    loggers = {line.get("logger") for line in service.events()}
    assert {"gunicorn.error", "uvicorn.error"} <= loggers
    assert sum(line["event"] == "request" and line["request_id"] == "only-once" for line in service.events()) == 1


async def test_unforeseen_error_is_logged_once_under_the_requests_id(tmp_path: Path) -> None:
    """A table is missing: 500 without internals for the client, the traceback with the same id in the log."""
    async with running(tmp_path, "serve") as service:
        await service.until_ready()
        tables.drop_from(tmp_path / "test.db")
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{service.url}/api/v1/notes", headers={"x-request-id": "r1"})
        assert answer.status_code == 500
        assert "no such table" not in answer.text
        errors = [line for line in service.events() if line["level"] == "error"]
        assert [line["request_id"] for line in errors] == ["r1"]
        assert "no such table" in errors[0]["exception"]


async def test_terminal_gets_readable_lines(tmp_path: Path) -> None:
    """`console` is for people: no JSON."""
    async with running(tmp_path, "serve", APP_LOG_FORMAT="console") as service:
        await service.until_ready()
        assert not any(line.startswith("{") for line in service.lines)
        assert any("Starting gunicorn" in line for line in service.lines)
