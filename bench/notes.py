"""Notes to be read by a load."""

from bench.contenders import Contender
from bench.errors import BenchError
from bench.process import serving
from seatrial.host.ports import HOST
from seatrial.traffic.exchange import Connection, Request

NOTES = "/api/v1/notes"
HEADERS = (("content-type", "application/json"),)


def creation(title: str) -> Request:
    """Return a request that stores a note."""
    return Request(NOTES, "POST", HEADERS, b'{"title": "%b", "body": "check"}' % title.encode())


async def store(service: Contender, notes: int) -> None:
    """Store notes by the service, in the database that its variables name; raise BenchError."""
    async with serving(service) as server:
        connection = Connection(HOST, server.port)
        for number in range(notes):
            outcome = await connection.exchange(creation(f"Ballast {number}"), client="bench", timeout_seconds=10.0)
            if not outcome.ok:
                raise BenchError(f"the service did not store a note: {outcome.status or outcome.detail}")
        connection.close()
