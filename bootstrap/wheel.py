"""Programs that come as wheels: fetched by pip, unpacked whole or not at all, and no Python environment touched."""

import shutil
import sys
import zipfile
from pathlib import Path

from bootstrap.process import run


def install(package: str, version: str, target: Path) -> None:
    """Make `target` the directory whose `bin` has the programs of that version of `package`."""
    scratch = target.with_name(f".{target.name}.new")  # what an earlier call was interrupted at is begun again
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        run(
            (
                # A download is no installation: a user's `user`, `prefix`, `target` and a Python that is externally
                # managed have no say in it, and so this must not, either.
                *("env", "PIP_REQUIRE_VIRTUALENV=0", sys.executable, "-m", "pip", "download", "--quiet"),
                *("--no-deps", "--only-binary=:all:", "--dest", str(scratch / "wheels"), f"{package}=={version}"),
            )
        )
        (wheel,) = (scratch / "wheels").glob("*.whl")
        unpack(wheel, scratch / "unpacked")
        shutil.rmtree(target, ignore_errors=True)
        (scratch / "unpacked").rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def unpack(wheel: Path, directory: Path) -> None:
    """Unpack a wheel, its programs into `bin` and executable."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
    (programs,) = directory.glob("*.data/scripts")  # the wheel format's place for what goes on PATH
    programs.rename(directory / "bin")
    for program in (directory / "bin").iterdir():
        program.chmod(0o755)
