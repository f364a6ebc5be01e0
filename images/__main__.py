"""The entry, `python -m images`: build the service's image, and say on what."""

import asyncio
import sys

from images import service
from seatrial.errors import HarnessError
from seatrial.podman import images
from seatrial.terminal.console import complain, err, tell


async def build() -> None:
    """Build it."""
    with err.status("looking for base images"):
        for base in (bases := await images.base_images(service.CONTAINERFILE, tell=tell)):
            tell(str(base))
    with err.status("building the image"):
        await service.build(bases)


def main() -> int:
    """Return the exit code; what a user can mend is one message."""
    try:
        asyncio.run(build())
    except HarnessError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        complain("interrupted; no image was changed")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
