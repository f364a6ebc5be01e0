"""The example resource by the proxy, as far as tests of data need it."""

import json

from tests.e2e.notes import NOTES
from tests.server.server import PORT, Server

ANY = f"http://127.0.0.1:{PORT}{NOTES}"


async def write(server: Server, title: str) -> int:
    """Write a note and return the status: 201, or 409 if there is one of this title."""
    body = json.dumps({"title": title})
    options = ("--output", "/dev/null", "--write-out", "%{http_code}", "--header", "Content-Type: application/json")
    return int(await server.machine.ask("curl", "--silent", *options, "--data", body, ANY))
