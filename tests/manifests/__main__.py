"""The entry, `python -m tests.manifests`: every overlay through Checkov."""

import asyncio
import sys

from seatrial.errors import HarnessError
from tests.manifests.checkov import VERSION, scan
from tests.manifests.overlay import NAMES, rendered


async def main() -> int:
    """Print what Checkov found; return 0 when no check failed, else 1."""
    try:
        result = await scan({name: await rendered(name) for name in NAMES})
    except HarnessError as error:
        print(error, file=sys.stderr)
        return 1
    for line in result.failed:
        print(line)
    print(f"Checkov {VERSION}: {result.passed} passed, {len(result.failed)} failed, {result.skipped} excused")
    return 1 if result.failed else 0


sys.exit(asyncio.run(main()))
