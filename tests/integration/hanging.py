"""The service with a route that hangs its worker's event loop: `python -m tests.integration.hanging serve`."""

import asyncio
import sys
import time

from app import __main__ as command
from app.routes import health
from tests.integration.service import Service

MODULE = "tests.integration.hanging"


@health.router.get("/hang")
async def hang() -> None:
    """Block the event loop."""
    time.sleep(600)  # noqa: ASYNC251 - the fault itself


async def ask(service: Service) -> None:
    """Have the service's worker hang, and leave."""
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(b"GET /health/hang HTTP/1.1\r\nHost: test\r\n\r\n")
    await writer.drain()
    writer.close()


if __name__ == "__main__":
    sys.exit(command.main(sys.argv[1:]))
