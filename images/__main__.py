"""The entry, `python -m images [OVERLAY]`: build the service's image, and say on what.

Given an overlay that could not be deployed here, by its path, it says so before it builds.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from images import service
from seatrial.errors import HarnessError
from seatrial.local import Local
from seatrial.podman import images
from seatrial.terminal.console import complain, err, tell


async def build(overlays: Sequence[Path]) -> None:
    """Build it, unless it would be for nothing."""
    for overlay in overlays:
        await (await Local.rendered(overlay, tell)).refuse_strangers()
    with err.status("looking for base images"):
        for base in (bases := await images.base_images(service.CONTAINERFILE, tell=tell)):
            tell(str(base))
    with err.status("building the image"):
        await service.build(bases)


def main() -> int:
    """Return the exit code; what a user can mend is one message."""
    try:
        asyncio.run(build([Path(argument) for argument in sys.argv[1:]]))
    except HarnessError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        complain("interrupted; no image was changed")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
