"""The machine to test on, and its images: the service, two bad and one next revision, and what stands beside it."""

from pathlib import Path

from images import service
from seatrial.command import Command
from seatrial.errors import ImageError
from seatrial.podman import images
from seatrial.podman.client import environment
from tests import next_release

MACHINE = "localhost/seatrial-test/server"
CONTAINERFILE = Path(__file__).parent / "image" / "Containerfile"
PROXY, POSTGRES = "docker.io/library/nginx:1.30-trixie", "docker.io/library/postgres:17-trixie"
BUILD_SECONDS = 900.0
USER = "admin"
"""The one user that the machine has besides root."""

GOOD = service.reference()
# An image alone makes the difference: a setting that does not exist, and a readiness that always fails.
CRASHES, NEVER_READY = "localhost/seatrial:crashes", "localhost/seatrial:never-ready"
BAD = {
    CRASHES: "ENV APP_NO_SUCH_SETTING=1",
    NEVER_READY: (
        # Its bytecode goes, too, for that is never compared with the source.
        "USER 0\n"
        'RUN sed -i \'s/return "ok"$/return "failed"/\' app/readiness.py && rm app/__pycache__/readiness.*\n'
        "USER 10001:10001"
    ),
}
# Nothing that contracts: the machine is for all tests, and its schema stays as a release has left it.
NEXT = {next_release.EXPANDS: next_release.lines(next_release.EXPANDS)}


async def build_machine() -> str:
    """Build the machine's image and return its name."""
    arguments = {base.argument: base.used for base in await images.base_images(CONTAINERFILE, tell=print)}
    arguments["HARNESS"] = str(service.CHECKOUT / "harness" / "src")
    bundle = images.ca_bundle()
    trust = (f"--volume={bundle}:{images.CA_BUNDLE}:ro", "--security-opt=label=disable") if bundle else ()
    given = (f"--build-arg={name}={value}" for name, value in arguments.items())
    await _podman(
        "build", "--quiet", f"--file={CONTAINERFILE}", f"--tag={MACHINE}", *given, *trust, str(service.CHECKOUT)
    )
    return MACHINE


async def archive(path: Path) -> Path:
    """Write the images that a server needs, and the bad revisions, to one file."""
    await service.built(tell=print)
    for name, line in {**BAD, **NEXT}.items():
        await _podman("build", "--quiet", f"--tag={name}", "-", stdin=f"FROM {GOOD}\n{line}\n".encode())
    used = [await images.obtain(name, tell=print) for name in (PROXY, POSTGRES)]
    await _podman("save", "--quiet", "--multi-image-archive", f"--output={path}", GOOD, *BAD, *NEXT, *used)
    return path


async def _podman(*arguments: str, stdin: bytes | None = None) -> str:
    command = Command(("podman", *arguments), BUILD_SECONDS, stdin=stdin, env=environment())
    return (await command.run()).check(ImageError).stdout.strip()
