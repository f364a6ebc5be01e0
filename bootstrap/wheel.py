"""Programs that come as wheels: fetched by pip, unpacked whole or not at all, and no Python environment touched."""

import re
import shutil
import sys
import zipfile
from pathlib import Path

from bootstrap.errors import BootstrapError
from bootstrap.process import run

_CAUSES = {
    r"No space left on device|Disk quota exceeded": "the disk is full; free some space, then try again",
    r"ProxyError": "the proxy in HTTPS_PROXY, or in pip's configuration, does not answer; mend that, then try again",
    r"connection broken|ConnectionError|TimeoutError": "the package index does not answer; is there a network, or a "
    "proxy or an index of your own that pip has to be told of?",
    r"No module named": "this Python has no pip that works; install the system's, python3-pip, then try again",
}
"""What pip's words, which are many, come to, most certain first."""


def install(package: str, version: str, target: Path, pip: Path | None = None) -> None:
    """Make `target` the directory whose `bin` has the programs of that version of `package`.

    `pip` is a directory to import pip from, where this Python has none.
    """
    found = {"PYTHONPATH": str(pip)} if pip else {}
    scratch = target.with_name(f".{target.name}.new")  # what an earlier call was interrupted at is begun again
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        run(
            (
                # A download is no installation: a user's `user`, `prefix`, `target` and a Python that is externally
                # managed have no say in it, and so this must not, either.
                *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"),
                *("--dest", str(scratch / "wheels"), f"{package}=={version}"),
            ),
            environment={"PIP_REQUIRE_VIRTUALENV": "0", **found},
        )
        (wheel,) = (scratch / "wheels").glob("*.whl")
        unpack(wheel, scratch / "unpacked")
        shutil.rmtree(target, ignore_errors=True)
        (scratch / "unpacked").rename(target)
    except BootstrapError as error:
        raise BootstrapError(f"{package} {version} cannot be fetched by pip: {cause(str(error))}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def cause(words: str) -> str:
    """Return one line for why pip failed: a known cause with what to do, or the last that pip said."""
    known = (meaning for pattern, meaning in _CAUSES.items() if re.search(pattern, words))
    return next(known, words.strip().splitlines()[-1].strip())


def unpack(wheel: Path, directory: Path) -> None:
    """Unpack a wheel, its programs into `bin` and executable."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory)
    (programs,) = directory.glob("*.data/scripts")  # the wheel format's place for what goes on PATH
    programs.rename(directory / "bin")
    for program in (directory / "bin").iterdir():
        program.chmod(0o755)
