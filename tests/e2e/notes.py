"""What the tests send: all that they know of the service's own API. Replace it together with the notes."""

import itertools
import json
import secrets

from seatrial.traffic.clients import Client, KeepAlive, NewConnection
from seatrial.traffic.exchange import Request

PORT = 8000
NOTES = "/api/v1/notes"
JSON = (("content-type", "application/json"),)

FIXED = Request(NOTES, "POST", JSON, b'{"title": "the one"}')

# Titles are unique, and more than one process may send them to one service.
_process = secrets.token_hex(4)
_numbers = itertools.count()


def read() -> Request:
    """Return a request that reads."""
    return Request(f"{NOTES}?limit=5")


def write() -> Request:
    """Return a request that writes something new each time."""
    body = {"title": f"note {_process} {next(_numbers)}", "body": "x" * 200}
    return Request(NOTES, "POST", JSON, json.dumps(body).encode())


def mixed() -> list[Client]:
    """Return clients that send 280 requests/s together: kept-alive and new connections, reads, writes, slow uploads."""
    return [
        KeepAlive(read, rate=150, connections=15),
        KeepAlive(write, rate=30, connections=3, name="keep-alive write"),
        NewConnection(read, rate=90),
        NewConnection(write, rate=10, body_seconds=1.0, name="slow upload"),
    ]
