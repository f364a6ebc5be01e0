"""The image's size, beside that of the tutorials' two stages on the same base, and what is in both."""

import shutil
import tempfile
from pathlib import Path

from bench import podman
from bench.effort import Effort
from bench.process import CHECKOUT
from bench.rounds import spread
from bench.rows import Row, at_most
from images import service
from seatrial.command import Command
from seatrial.podman import images

CONTAINERFILE = Path(__file__).parent / "images" / "tutorial" / "Containerfile"
TUTORIAL = "localhost/seatrial-bench/tutorial"
BUILD_LIMIT_SECONDS = 600.0


async def measure(_effort: Effort) -> list[Row]:
    """Return the rows; both images are built if they are not there."""
    bases = await images.base_images(service.CONTAINERFILE, tell=print)
    base = next(each.used for each in bases if each.argument == "PYTHON_IMAGE")
    ours, theirs, below = [await _mib(image) for image in (await service.build(bases), await _tutorial(base), base)]
    return [
        Row("image, (c) to (b)", "x", spread([ours / theirs]), at_most(0.7)),
        Row("image, (c)", "MiB", spread([ours])),
        Row("image, (b)", "MiB", spread([theirs]), note="the same locked requirements, by pip"),
        Row("image, what both are built on", "MiB", spread([below]), note=f"{below / theirs:.2f} x (b): the floor"),
    ]


async def _mib(image: str) -> float:
    return float((await podman.inspect("image", image))["Size"]) / podman.MIB


async def _tutorial(base: str) -> str:
    """Build the tutorial's image, of the service's code and locked requirements, and return its id."""
    export = ("uv", "export", "--frozen", "--quiet", "--no-default-groups", "--no-hashes")
    requirements = (await Command(export, cwd=CHECKOUT).run()).check().stdout
    with tempfile.TemporaryDirectory(prefix="seatrial-bench-") as directory:
        shutil.copytree(CHECKOUT / "app", Path(directory) / "app", ignore=shutil.ignore_patterns("__pycache__"))
        (Path(directory) / "requirements.txt").write_text(requirements)
        options = [f"--file={CONTAINERFILE}", f"--tag={TUTORIAL}", f"--build-arg=PYTHON_IMAGE={base}"]
        if bundle := images.ca_bundle():
            options += [f"--volume={bundle}:{images.CA_BUNDLE}:ro", "--security-opt=label=disable"]
        built = await podman.podman("build", "--quiet", *options, directory, limit_seconds=BUILD_LIMIT_SECONDS)
    return built.splitlines()[-1]
