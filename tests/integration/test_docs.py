"""The API's documentation in a real browser: Debian's package `chromium`, without which these tests are skipped."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.integration.browser import CHROMIUM, visit
from tests.integration.service import running

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: python3 -m bootstrap chromium")


@contextmanager
def page(policy: str) -> Iterator[str]:
    """Serve a page that breaks every rule, under a Content-Security-Policy, and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(b"<p>before</p><script>document.write('scripted')</script>")
            self.wfile.write(b"<img src='http://elsewhere.example/pixel.png'>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
            del format, args

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


async def test_documentation_shows_every_operation_and_asks_nobody_else(tmp_path: Path) -> None:
    """Rendered from the service's own files, with an empty console: the policy has nothing to object to."""
    async with running(tmp_path, "serve") as service:
        await service.until_ready()
        seen = await visit(f"{service.url}/docs", tmp_path)
    assert seen.dom.count('data-path="/api/v1/notes"') == 2
    assert seen.dom.count('data-path="/api/v1/notes/{note_id}"') == 3
    assert seen.console == []
    assert {f"{service.url}/{path}" for path in ("docs/swagger-ui-bundle.js", "openapi.json")} <= seen.requested
    assert {address for address in seen.requested if not address.startswith((service.url, "data:"))} == set()


async def test_browser_would_tell_of_a_violation(tmp_path: Path) -> None:
    """The control: under the documentation's kind of policy, an inline script and a foreign image are complaints."""
    with page("default-src 'none'; script-src 'self'") as address:
        seen = await visit(address, tmp_path)
    assert "scripted" not in seen.dom.replace("document.write('scripted')", "")
    assert len([line for line in seen.console if "Content Security Policy" in line]) == 2


async def test_browser_would_tell_of_a_request_that_leaves(tmp_path: Path) -> None:
    """The control: without a policy the foreign image is asked for, and seen to be."""
    with page("") as address:
        seen = await visit(address, tmp_path)
    assert "http://elsewhere.example/pixel.png" in seen.requested
