"""Logs: one JSON object a line on stdout for everything, or readable colours on a terminal."""

import asyncio
import atexit
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from select import PIPE_BUF
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

from app import tracebacks
from app.settings import Settings
from app.stdout import STDOUT, Output

RETRY_SECONDS = 0.01


def _render_json(_logger: Any, _name: str, event: EventDict) -> bytes:
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)
    except TypeError:  # an integer of more than 64 bits, half of a surrogate pair: no reason to fail a request
        return json.dumps(event, default=repr, skipkeys=True).encode()


_renderer: Processor = _render_json
# One object a request, and no variable for each field (as structlog's own): it is asked twice for every request.
_of_request: ContextVar[dict[str, Any]] = ContextVar("of_request")
_more: Callable[[], dict[str, str]] | None = None
_emits = True


def _tell_dropped(lines: int) -> bytes:
    event = "log lines were dropped: nobody has read stdout in time"
    entry = {"timestamp": datetime.now(UTC), "level": "warning", "event": event, "lines": lines}
    return _to_bytes(None, "warning", _renderer(None, "warning", entry))


_lines = Output(STDOUT, _tell_dropped)
os.register_at_fork(after_in_child=_lines.forget)


class Batch:
    """Lines that are written together: a write, which wakes the pipe's reader, costs more than to make a line.

    They wait while the event loop's turns bring more of them, until they are half of what a pipe takes at once.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[bytes] = []
        self._seen = 0  # of them, when it was last looked
        self._retries = False

    def add(self, line: bytes) -> None:
        """Write a line soon; in the event loop's own thread."""
        if not self._waiting:
            self._seen = 1  # one alone has nothing to wait for
            self._loop.call_soon(self._look)
        self._waiting.append(line)

    def write(self) -> None:
        """Write what is waiting, and what stdout had no room for before."""
        waiting, self._waiting = self._waiting, []
        _lines.write(waiting)
        if _lines.behind and not self._retries:
            self._retries = True
            self._loop.call_later(RETRY_SECONDS, self._retry)

    def _look(self) -> None:
        waiting = len(self._waiting)
        if waiting > self._seen and sum(map(len, self._waiting)) < PIPE_BUF / 2:
            self._seen = waiting
            self._loop.call_soon(self._look)
        else:
            self.write()

    def _retry(self) -> None:
        self._retries = False
        self.write()


class _Handler(logging.Handler):
    """The standard library's records to stdout, as all others."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            _lines.msg(_to_bytes(None, "", self.format(record)))
        except Exception:  # noqa: BLE001 - the base class's convention: whatever it is, it is told
            self.handleError(record)


_batch: Batch | None = None


def configure(settings: Settings) -> None:
    """Send every record of structlog and the standard library, warnings and uncaught exceptions to stdout."""
    global _renderer, _emits  # noqa: PLW0603 - stdout is the process's, and so is its format
    console = settings.log_format == "console" or (settings.log_format == "auto" and os.isatty(STDOUT))
    plain = structlog.dev.plain_traceback  # the others show local variables, and in them users' data
    _renderer = structlog.dev.ConsoleRenderer(exception_formatter=plain) if console else _render_json
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_of_request,
        _add_more,
        structlog.processors.add_log_level,
        _add_time,
        structlog.processors.ExceptionRenderer(lambda exc_info: tracebacks.render(exc_info[1])),
    ]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    _emits = level <= logging.INFO
    structlog.configure(
        processors=[*processors, _renderer, _to_bytes],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _lines,
        cache_logger_on_first_use=True,
    )
    handler = _Handler()
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *processors],
            processors=[ProcessorFormatter.remove_processors_meta, _renderer, _to_text],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # it announces each of its parts
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # at level debug it has statements' parameters
    logging.captureWarnings(capture=True)
    atexit.register(_lines.finish)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def emit(event: str, fields: dict[str, Any]) -> None:
    """Write one line at level info: the access log's way, which skips what a line for every request cannot afford."""
    if not _emits:
        return
    entry = {"timestamp": datetime.now(UTC), "level": "info", "event": event, **of_request(), **fields}
    if _more:
        entry |= _more()
    line = _to_bytes(None, "info", _renderer(None, "info", entry))
    if _batch:
        _batch.add(line)
    else:
        _lines.msg(line)


def emit_by_turns(loop: asyncio.AbstractEventLoop) -> Batch:
    """Have what is emitted from now on written at the end of this loop's turns; who ends the loop writes the rest."""
    global _batch  # noqa: PLW0603 - as above
    _batch = Batch(loop)
    return _batch


def flush() -> None:
    """Write what stdout had no room for before; for processes without an event loop, once a second or so."""
    _lines.flush()


def dropped() -> int:
    """Return how many lines this process has dropped, as nobody has read stdout."""
    return _lines.dropped


def log_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what an event loop has to tell, without its objects: a task's repr has its error's message."""
    logging.getLogger("asyncio").error(context["message"], exc_info=context.get("exception"))


def begin_request(fields: dict[str, Any]) -> None:
    """Add `fields` to every line that is written while this request is answered, and nothing of an earlier one.

    A kept-alive connection may hand down the context of its last request (python/cpython#140947).
    """
    _of_request.set(fields)


def of_request() -> dict[str, Any]:
    """Return the request's fields, none outside of one; what is added to them is in its later lines, too."""
    return _of_request.get({})


def add_to_every_line(source: Callable[[], dict[str, str]]) -> None:
    """Add what `source` returns to every line from now on, in place of what has the same name."""
    global _more  # noqa: PLW0603 - as above
    _more = source


def _add_of_request(_logger: Any, _name: str, event: EventDict) -> EventDict:
    return {**of_request(), **event}


def _add_more(_logger: Any, _name: str, event: EventDict) -> EventDict:
    if _more:
        event.update(_more())
    return event


def _add_time(_logger: Any, _name: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(UTC)  # orjson writes it, at a third of what isoformat costs
    return event


def _to_bytes(_logger: Any, _name: str, line: Any) -> bytes:
    return line if isinstance(line, bytes) else line.encode(errors="backslashreplace")


def _to_text(_logger: Any, _name: str, line: Any) -> str:
    return line.decode() if isinstance(line, bytes) else line


def _log_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("app").critical("uncaught exception", exc_info=(kind, error or kind(), trace))
