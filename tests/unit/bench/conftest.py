"""A small server for what sends requests."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from seatrial.host.ports import HOST


class Answers(ThreadingHTTPServer):
    """A server that answers each request by its path, `/503` by 503, and knows how many it had at once at most."""

    request_queue_size = 1000

    def __init__(self) -> None:
        super().__init__((HOST, 0), Handler)
        self.at_work = 0
        self.most_at_work = 0
        self.lock = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that have left."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """Answer."""
        server = self.server
        assert isinstance(server, Answers)
        with server.lock:
            server.at_work += 1
            server.most_at_work = max(server.most_at_work, server.at_work)
        body = b"answer" * 20_000  # more than comes in one piece
        self.send_response(int(self.path[1:]))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # a load has an end, and its clients leave
            self.wfile.write(body)
        with server.lock:
            server.at_work -= 1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name for it
        """Say nothing."""


@pytest.fixture
def answers() -> Iterator[Answers]:
    """Return a server that runs."""
    with Answers() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
