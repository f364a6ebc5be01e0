"""A real browser without a window, and what it saw: the page as rendered, its console, every address it asked for."""

import asyncio
import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from seatrial.command import Command

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LIMIT_SECONDS = 180.0
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # it cannot be had as root; the page is ours
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_CONSOLE = re.compile(r':CONSOLE[:(]\d+\)?\] "(.*)", source:')
# The initiator that Chromium notes for what no page asked for: the address that was typed, and its own affairs.
_NO_PAGE = "not an origin"


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serve a directory's files on 127.0.0.1, and yield the address."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(directory))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Visit:
    """What one visit left; `requested` has the addresses that the page asked for, blocked by a policy or not."""

    dom: str
    console: list[str]
    requested: set[str]


async def visit(url: str, directory: Path) -> Visit:
    """Open a page on 127.0.0.1, let it come to rest, and return what happened; `directory` is for the browser's files.

    No other name resolves: nothing leaves this machine, and a page that needs more is not rendered.
    """
    log = directory / "net.json"
    options = (
        *_OPTIONS,
        "--virtual-time-budget=10000",
        "--enable-logging=stderr",
        f"--user-data-dir={directory / 'profile'}",
        f"--log-net-log={log}",
        "--dump-dom",
    )
    assert CHROMIUM
    result = (await Command((CHROMIUM, *options, url), timeout_seconds=LIMIT_SECONDS).run()).check()
    events = json.loads(await asyncio.to_thread(log.read_text))
    started = events["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    asked = [
        event["params"] for event in events["events"] if event["type"] == started and "url" in event.get("params", {})
    ]
    return Visit(
        result.stdout,
        _CONSOLE.findall(result.stderr),
        {params["url"] for params in asked if params.get("initiator", _NO_PAGE) != _NO_PAGE},
    )


async def photograph(url: str, picture: Path, directory: Path, *, width: int, height: int) -> None:
    """Make a PNG of the top of a page; `directory` is for the browser's files."""
    options = (
        *_OPTIONS,
        "--hide-scrollbars",
        f"--window-size={width},{height}",
        f"--user-data-dir={directory / 'profile'}",
        f"--screenshot={picture}",
    )
    assert CHROMIUM
    (await Command((CHROMIUM, *options, url), timeout_seconds=LIMIT_SECONDS).run()).check()
