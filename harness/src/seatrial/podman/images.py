"""The service's image, and the base images below it: official ones, or stand-ins where no registry answers."""

import os
import sys
import tempfile
import tomllib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from seatrial.command import Command, Completed
from seatrial.errors import CommandError, ImageError, ToolMissingError
from seatrial.podman import recipe
from seatrial.podman.client import environment
from seatrial.podman.recipe import CHECKOUT, CONTAINERFILE, STAND_INS, base_arguments, split

REGISTRY_LIMIT_SECONDS = 15.0
PULL_LIMIT_SECONDS = 600.0
IMPORT_LIMIT_SECONDS = 120.0
BUILD_LIMIT_SECONDS = 900.0

LOCAL = "localhost/"
STOOD_IN_FOR = ("", "docker.io/edoburu", "docker.io/library", "ghcr.io/astral-sh")
"""Where the images come from that may have a stand-in: somebody's own nginx is another."""

CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
"""Where Debian, and so every image built here, keeps the certificates it trusts."""
FEDORA_CA_BUNDLE = Path("/etc/pki/tls/certs/ca-bundle.crt")


@dataclass(frozen=True)
class BaseImage:
    """One image that a Containerfile is built on: the argument that names it, its official name, and what is used."""

    argument: str
    official: str
    used: str

    def __str__(self) -> str:
        """Return the line that tells a user which image the build used."""
        name, _ = split(self.official)
        if self.used == self.official:
            return f"base image {name}: {self.used}"
        return f"base image {name}: {self.used}, which stands in for {self.official}"


async def base_images(containerfile: Path = CONTAINERFILE, *, tell: Callable[[str], None]) -> tuple[BaseImage, ...]:
    """Make every image that a Containerfile is built on available locally; `tell` hears of what takes long.

    Raises ImageError when a registry is needed and none answers.
    """
    bases = base_arguments(containerfile).items()
    return tuple([BaseImage(argument, official, await obtain(official, tell=tell)) for argument, official in bases])


async def obtain(official: str, *, tell: Callable[[str], None]) -> str:
    """Return a local image for an official name: itself, its stand-in, itself pulled, or its stand-in made now."""
    name, tag = split(official)
    stand_in = f"localhost/seatrial-standin/{name}:{tag}"
    if (await _podman("image", "exists", official)).returncode == 0:
        return official
    stands_in = official.rpartition("/")[0] in STOOD_IN_FOR and (STAND_INS / name).is_dir()
    if stands_in and await _made_by(recipe.of_stand_in(name), stand_in):
        return stand_in
    silence = await _registry_silence(official)
    if silence is None:
        tell(f"pulling {official}")
        (await _podman("pull", "--quiet", official, limit_seconds=PULL_LIMIT_SECONDS)).check(ImageError)
        return official
    if not stands_in:
        raise ImageError(f"{official} cannot be had, and images/ has no stand-in for it: {silence}")
    tell(f"{official} cannot be had ({silence.splitlines()[-1].strip()}): making {stand_in}, which takes a minute")
    if (STAND_INS / name / "Containerfile").is_file():
        await _build_stand_in(name, tag, stand_in, tell=tell)
    else:
        await _import_debian(name, tag, stand_in)
    return stand_in


async def substitutes(names: Iterable[str], *, tell: Callable[[str], None]) -> dict[str, str]:
    """Make every image that manifests name available locally; return those that a stand-in has to stand in for.

    What is named `localhost/` is built here. The keys are names without a tag. Raises ImageError.
    """
    used = {name: await obtain(name, tell=tell) for name in sorted(set(names)) if not name.startswith(LOCAL)}
    return {name.removesuffix(f":{split(name)[1]}"): image for name, image in used.items() if image != name}


async def identity(image: str) -> str:
    """Return the id of a local image."""
    return (await _podman("image", "inspect", "--format={{.Id}}", image)).check(ImageError).stdout.strip()


def reference() -> str:
    """Return the name of the service's image: `localhost/seatrial:` and the project's version."""
    return f"localhost/seatrial:{_version()}"


async def build(bases: Collection[BaseImage]) -> str:
    """Build the service's image on these base images, tag it `reference()`, and return its id.

    An image that was made by the same is returned as it is: podman's own cache takes seconds to find that out.
    """
    found = await _podman("image", "inspect", "--format={{.Id}}", *(base.used for base in bases))
    base_ids = found.check(ImageError).stdout
    arguments = {base.argument: base.used for base in bases} | {"VERSION": _version(), "REVISION": await _revision()}
    made_by = recipe.of_service(base_ids, *arguments.values())
    return await _made_by(made_by, reference()) or await _build(
        CONTAINERFILE, CHECKOUT, reference(), arguments, made_by
    )


def ca_bundle() -> Path | None:
    """Return this machine's file of trusted certificates, which may include a company's or a proxy's."""
    named = os.environ.get("SSL_CERT_FILE")
    candidates = ([Path(named)] if named else []) + [CA_BUNDLE, FEDORA_CA_BUNDLE]
    return next((path for path in candidates if path.is_file()), None)


async def _made_by(made_by: str, image: str) -> str | None:
    """Return the local image's id if its recipe is this one."""
    found = await _podman("image", "inspect", f'--format={{{{.Id}}}} {{{{index .Labels "{recipe.LABEL}"}}}}', image)
    identity, _, label = found.stdout.strip().partition(" ")
    return identity if found.returncode == 0 and label == made_by else None


async def _registry_silence(official: str) -> str | None:
    """Return why an official image cannot be had from its registry, None when it can."""
    # Asked for its manifest alone, a registry answers at once or not at all; a pull may be slow and yet succeed.
    try:
        (await _podman("manifest", "inspect", official, limit_seconds=REGISTRY_LIMIT_SECONDS)).check()
    except ToolMissingError:
        raise
    except CommandError as error:
        return str(error)
    return None


async def _build_stand_in(name: str, tag: str, stand_in: str, *, tell: Callable[[str], None]) -> None:
    containerfile = STAND_INS / name / "Containerfile"
    arguments = {base.argument: base.used for base in await base_images(containerfile, tell=tell)} | {"TAG": tag}
    await _build(containerfile, containerfile.parent, stand_in, arguments, recipe.of_stand_in(name))


async def _import_debian(name: str, tag: str, stand_in: str) -> None:
    if os.geteuid() != 0:
        raise ImageError(f"no registry answered, and only root can make {stand_in}: reach a registry, or run as root")
    # The bootstrap's part, because it installs system packages; it needs no more than this interpreter.
    bootstrap = Command((sys.executable, "-m", "bootstrap", "mmdebstrap"), BUILD_LIMIT_SECONDS, CHECKOUT)
    (await bootstrap.run()).check(ImageError)
    with tempfile.TemporaryDirectory(prefix="seatrial-") as directory:
        suite, root = tag.partition("-")[0], f"{directory}/root.tar"
        options = ["--variant=minbase", "--include=ca-certificates", f"--dpkgopt={STAND_INS / name / 'dpkg.cfg'}"]
        options += [f"--aptopt={line}" for line in await _mirror_dates()]
        made = await Command(("mmdebstrap", "--quiet", *options, suite, root), BUILD_LIMIT_SECONDS).run()
        made.check(ImageError)
        changes = ('--change=CMD ["bash"]', f"--change=LABEL {recipe.LABEL}={recipe.of_stand_in(name)}")
        imported = await _podman("import", "--quiet", *changes, root, stand_in, limit_seconds=IMPORT_LIMIT_SECONDS)
        imported.check(ImageError)


async def _mirror_dates() -> list[str]:
    """Return apt's settings on this machine for how old a mirror's index may be, which mmdebstrap would not read.

    The index of a Debian release in the making says how long it is valid; a machine whose mirror lags has to accept it.
    """
    command = ("apt-config", "dump", "--no-empty", "--format", '%f "%v";%n')
    asked = await Command((*command, "Acquire::Check-Valid-Until", "Acquire::Check-Date")).run()
    return asked.check(ImageError).stdout.splitlines()


async def _build(containerfile: Path, context: Path, tag: str, arguments: dict[str, str], made_by: str) -> str:
    options = [f"--file={containerfile}", f"--tag={tag}", f"--label={recipe.LABEL}={made_by}"]
    options += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    bundle = ca_bundle()
    if bundle:
        # SELinux would refuse the build a file with the host's label.
        options += [f"--volume={bundle}:{CA_BUNDLE}:ro", "--security-opt=label=disable"]
    built = await _podman("build", "--quiet", *options, str(context), limit_seconds=BUILD_LIMIT_SECONDS)
    return built.check(ImageError).stdout.strip()


async def _podman(*arguments: str, limit_seconds: float = 60.0) -> Completed:
    return await Command(("podman", *arguments), limit_seconds, env=environment()).run()


async def _revision() -> str:
    command = Command(("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"), cwd=CHECKOUT)
    try:
        return (await command.run()).stdout.strip() or "unknown"
    except ToolMissingError:
        return "unknown"


def _version() -> str:
    version: str = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    return version
