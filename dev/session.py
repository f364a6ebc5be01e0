"""A session: the database, its migrations, and one process that begins anew after each save."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from dev.postgres import postgres
from dev.settings import CACHE, variables
from seatrial.host.ports import HOST

DATABASES = ("sqlite", "postgres")
END_SECONDS = 5.0


async def session(checkout: Path, database: str, port: int, tell: Callable[[str], None]) -> int:
    """Serve on a port of this machine until the server ends; return its exit code. Raises the tool's errors."""
    async with AsyncExitStack() as around:
        given: Mapping[str, str] = {}
        if database == "postgres":
            tell("PostgreSQL is started on podman, and stopped at the end; its data stays for the next session")
            given = await around.enter_async_context(postgres(checkout))
        (checkout / CACHE).mkdir(exist_ok=True)
        environment = variables(os.environ, checkout / ".env", given)
        if code := await _run(environment, "app", "migrate"):
            return code
        tell(f"http://{HOST}:{port}/docs; saved files of app/ are served at once; no time limits; Ctrl-C ends it")
        return await _run(environment, "dev.reloading", str(port))


async def _run(environment: Mapping[str, str], *module: str) -> int:
    """Run a module to its end, or end it where this is cancelled."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *module, env=environment)
    try:
        return await process.wait()
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
