"""Images: official ones, pulled, or stand-ins for them, made from a folder where no registry answers."""

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from seatrial.command import Command, Completed
from seatrial.errors import CommandError, ImageError, ToolMissingError
from seatrial.podman import recipe
from seatrial.podman.client import environment
from seatrial.podman.recipe import base_arguments, split

REGISTRY_LIMIT_SECONDS = 15.0
PULL_LIMIT_SECONDS = 600.0
IMPORT_LIMIT_SECONDS = 120.0
BUILD_LIMIT_SECONDS = 900.0

LOCAL = "localhost/"
UNKNOWN = "image not known"
"""What podman says of an image that it does not have."""
STAND_INS = "SEATRIAL_STAND_INS"
"""The variable that names a directory with a folder for each image that may have a stand-in; without it none has.

A folder has a Containerfile, or a program `make` that writes a root file system: `make TAG FILE`.
"""
STOOD_IN_FOR = ("", "docker.io/edoburu", "docker.io/library", "ghcr.io/astral-sh")
"""Where the images come from that may have a stand-in: somebody's own nginx is another."""

CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
"""Where Debian, and so every stand-in, keeps the certificates it trusts."""
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


async def base_images(containerfile: Path, *, tell: Callable[[str], None]) -> tuple[BaseImage, ...]:
    """Make every image that a Containerfile is built on available locally; `tell` hears of what takes long.

    Raises ImageError when a registry is needed and none answers.
    """
    bases = base_arguments(containerfile).items()
    return tuple([BaseImage(argument, official, await obtain(official, tell=tell)) for argument, official in bases])


async def obtain(official: str, *, tell: Callable[[str], None]) -> str:
    """Return a local image for an official name: itself, its stand-in, itself pulled, or its stand-in made now."""
    name, tag = split(official)
    stand_in, folder = f"localhost/seatrial-standin/{name}:{tag}", _folder(official)
    if (await _podman("image", "exists", official)).returncode == 0:
        return official
    if folder and await made_by(recipe.of_stand_in(folder), stand_in):
        return stand_in
    silence = await _registry_silence(official)
    if silence is None:
        tell(f"pulling {official}")
        (await _podman("pull", "--quiet", official, limit_seconds=PULL_LIMIT_SECONDS)).check(ImageError)
        return official
    if not folder:
        raise ImageError(f"{official} cannot be had: {silence}")
    tell(f"{official} cannot be had ({silence.splitlines()[-1].strip()}): making {stand_in}, which takes a minute")
    if (folder / "Containerfile").is_file():
        await _build_stand_in(folder, tag, stand_in, tell=tell)
    else:
        await _import_root(folder, tag, stand_in)
    return stand_in


async def substitutes(names: Iterable[str], *, tell: Callable[[str], None]) -> dict[str, str]:
    """Make every image that manifests name available locally; return those that a stand-in has to stand in for.

    What is named `localhost/` is there, or cannot be had. The keys are names without a tag. Raises ImageError.
    """
    used = {name: await obtain(name, tell=tell) for name in sorted(set(names)) if not name.startswith(LOCAL)}
    return {name.removesuffix(f":{split(name)[1]}"): image for name, image in used.items() if image != name}


async def identity(image: str) -> str:
    """Return the id of a local image; ImageError where there is none."""
    inspected = await _podman("image", "inspect", "--format={{.Id}}", image)
    if inspected.returncode != 0 and UNKNOWN in inspected.stderr:
        raise ImageError(f"the image {image} is not on this machine: build it, or pull it")
    return inspected.check(ImageError).stdout.strip()


async def tag(image: str, name: str) -> bool:
    """Give a local image one more name, in place of what had it; return whether there is such an image."""
    return (await _podman("tag", image, name)).returncode == 0


async def made_by(digest: str, image: str) -> str | None:
    """Return the local image's id if its recipe is this one."""
    inspected = await _podman("image", "inspect", f'--format={{{{.Id}}}} {{{{index .Labels "{recipe.LABEL}"}}}}', image)
    image_id, _, label = inspected.stdout.strip().partition(" ")
    return image_id if inspected.returncode == 0 and label == digest else None


async def build(containerfile: Path, context: Path, tag: str, arguments: Mapping[str, str], digest: str) -> str:
    """Build an image, which gets the digest as its recipe, and return its id."""
    options = [f"--file={containerfile}", f"--tag={tag}", f"--label={recipe.LABEL}={digest}"]
    options += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    bundle = ca_bundle()
    if bundle:
        # SELinux would refuse the build a file with the host's label.
        options += [f"--volume={bundle}:{CA_BUNDLE}:ro", "--security-opt=label=disable"]
    built = await _podman("build", "--quiet", *options, str(context), limit_seconds=BUILD_LIMIT_SECONDS)
    return built.check(ImageError).stdout.strip()


def ca_bundle() -> Path | None:
    """Return this machine's file of trusted certificates, which may include a company's or a proxy's."""
    named = os.environ.get("SSL_CERT_FILE")
    candidates = ([Path(named)] if named else []) + [CA_BUNDLE, FEDORA_CA_BUNDLE]
    return next((path for path in candidates if path.is_file()), None)


def _folder(official: str) -> Path | None:
    """Return the folder of an image's stand-in, None where it has none."""
    directory = os.environ.get(STAND_INS)
    if not directory or official.rpartition("/")[0] not in STOOD_IN_FOR:
        return None
    folder = Path(directory) / split(official)[0]
    return folder if folder.is_dir() else None


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


async def _build_stand_in(folder: Path, tag: str, stand_in: str, *, tell: Callable[[str], None]) -> None:
    containerfile = folder / "Containerfile"
    arguments = {base.argument: base.used for base in await base_images(containerfile, tell=tell)} | {"TAG": tag}
    await build(containerfile, folder, stand_in, arguments, recipe.of_stand_in(folder))


async def _import_root(folder: Path, tag: str, stand_in: str) -> None:
    with tempfile.TemporaryDirectory(prefix="seatrial-") as directory:
        root = f"{directory}/root.tar"
        (await Command((str(folder / "make"), tag, root), BUILD_LIMIT_SECONDS).run()).check(ImageError)
        changes = ('--change=CMD ["bash"]', f"--change=LABEL {recipe.LABEL}={recipe.of_stand_in(folder)}")
        imported = await _podman("import", "--quiet", *changes, root, stand_in, limit_seconds=IMPORT_LIMIT_SECONDS)
        imported.check(ImageError)


async def _podman(*arguments: str, limit_seconds: float = 60.0) -> Completed:
    return await Command(("podman", *arguments), limit_seconds, env=environment()).run()
