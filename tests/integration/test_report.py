"""The report's page in a real browser: Debian's package `chromium`, without which these tests are skipped."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.tests.trial import trials
from seatrial.trial.report import PAGE, write
from tests.integration.browser import CHROMIUM, Visit, served, visit

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: python3 -m bootstrap chromium")

PHONE = 400, 800
# The page in a frame of a phone's size, and what of it is where: its own policy lets no script in.
FRAME = """
<iframe src="%s" width="%d" height="%d" style="border: 0"></iframe><output></output>
<script>
  const frame = document.querySelector("iframe");
  frame.onload = () => {
    const page = frame.contentDocument;
    const of = (selector) => page.querySelector(selector);
    document.querySelector("output").textContent = JSON.stringify({
      overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
      headline: of("h1").getBoundingClientRect().bottom,
      counts: of(".counts").getBoundingClientRect().bottom,
      plots: Object.fromEntries(["wide", "narrow"].map((name) =>
        [name, frame.contentWindow.getComputedStyle(of(`.plot.${name}`)).display])),
      bar: frame.contentWindow.getComputedStyle(of(".plot.narrow .problem")).fill,
    });
  };
</script>
"""


async def seen(directory: Path, size: tuple[int, int] = PHONE, change: Callable[[str], str] = str) -> Any:
    """Return what a screen of this size shows of the report of a bad trial."""
    await opened(directory, change)
    frame = directory / "report" / "frame.html"
    frame.write_text(FRAME % (PAGE, *size))
    with served(directory / "report") as address:
        found = await visit(f"{address}/frame.html", directory)
    (output,) = re.findall("<output>(.*)</output>", found.dom)
    return json.loads(html.unescape(output))


async def opened(directory: Path, change: Callable[[str], str] = str) -> Visit:
    """Write the report of a bad trial, change its page, and return what opening it leaves."""
    page = directory / "report" / PAGE
    write(trials.bad(), page.parent)
    page.write_text(change(page.read_text()))
    with served(page.parent) as address:
        return await visit(f"{address}/{PAGE}", directory)


def with_strangers(page: str) -> str:
    """Return the page with a script, a style and an image that got into it."""
    strange = "<script>document.title = 'scripted'</script><style>h1 { display: none }</style>"
    return page.replace("</header>", f"</header>{strange}<img src='http://elsewhere.example/pixel.png'>")


async def test_report_is_quiet_and_asks_nobody(tmp_path: Path) -> None:
    """No complaint in the console, no request but for the page itself; all of it is there."""
    found = await opened(tmp_path)
    assert found.console == []
    assert {address for address in found.requested if not address.startswith("data:")} == set()
    assert "1 of 4 claims broken" in found.dom
    assert found.dom.count("<svg") == 2


async def test_report_lets_no_stranger_in(tmp_path: Path) -> None:
    """The control: a script, a style and an image that got into the page are refused, and the browser says so."""
    found = await opened(tmp_path, with_strangers)
    assert "<title>scripted" not in found.dom
    assert len([line for line in found.console if "Content Security Policy" in line]) == 3


async def test_report_shows_the_verdict_first_on_a_phone(tmp_path: Path) -> None:
    """At 400 by 800 nothing is wider than the screen, the headline and the counts are on it, the plot is the narrow."""
    found = await seen(tmp_path)
    assert found["overflow"] == 0
    assert 0 < found["headline"] < found["counts"] < PHONE[1] / 2
    assert found["plots"] == {"wide": "none", "narrow": "block"}


async def test_report_shows_the_wide_plot_on_a_wide_screen(tmp_path: Path) -> None:
    """And only that, in its colours: the page's style is applied under its own policy."""
    found = await seen(tmp_path, (1200, 900))
    assert found["plots"] == {"wide": "block", "narrow": "none"}
    assert found["bar"] == "rgb(179, 38, 30)"


async def test_browser_would_tell_of_a_page_that_is_too_wide(tmp_path: Path) -> None:
    """The control: something that does not fit is measured."""
    wide = "<svg width='900' height='9'></svg>"
    found = await seen(tmp_path, change=lambda page: page.replace("<main>", f"<main>{wide}"))
    assert found["overflow"] > 900 - PHONE[0]
