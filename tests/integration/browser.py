"""A real browser without a window, and what it saw: the page as rendered, its console, every address it asked for."""

import asyncio
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.harness.command import Command

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LIMIT_SECONDS = 180.0
_CONSOLE = re.compile(r':CONSOLE[:(]\d+\)?\] "(.*)", source:')
# The initiator that Chromium notes for what no page asked for: the address that was typed, and its own affairs.
_NO_PAGE = "not an origin"


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
        "--headless",
        "--no-sandbox",  # it cannot be had as root; the page is ours
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
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
