"""The images that servers are measured in: the service's own, and the same on other Pythons."""

import re

from bench import podman
from images import service
from seatrial.podman import images, recipe

OTHERS = ("3.13", "3.15")
"""The Pythons beside the image's: the one before it, and the one after it."""
BUILD_LIMIT_SECONDS = 900.0
_built: dict[str | None, str] = {}


async def image(python: str | None = None) -> str:
    """Return the id of the service's image, or of one that is the same on another Python, built if it is not there.

    Raise HarnessError when there is no such Python, or a locked package cannot be had for it.
    """
    if python not in _built:
        bases = await images.base_images(service.CONTAINERFILE, tell=print)
        _built[python] = await (service.build(bases) if python is None else _on(python, bases))
    return _built[python]


async def _on(python: str, bases: tuple[images.BaseImage, ...]) -> str:
    arguments = {base.argument: base.used for base in bases}
    official = recipe.base_arguments(service.CONTAINERFILE)["PYTHON_IMAGE"]
    other = re.sub(r":3\.\d+", f":{python}", official)
    arguments["PYTHON_IMAGE"] = await images.obtain(other, tell=print)
    options = [f"--build-arg={name}={value}" for name, value in arguments.items()]
    if bundle := images.ca_bundle():
        options += [f"--volume={bundle}:{images.CA_BUNDLE}:ro", "--security-opt=label=disable"]
    tag = f"--tag=localhost/seatrial-bench/python:{python}"
    file = f"--file={service.CONTAINERFILE}"
    built = await podman.podman(
        "build", "--quiet", *options, tag, file, str(service.CHECKOUT), limit_seconds=BUILD_LIMIT_SECONDS
    )
    return built.splitlines()[-1]
