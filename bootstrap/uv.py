"""uv for the project: which version it needs, and that version inside the checkout when the machine has none."""

import re
import tomllib
from pathlib import Path

from bootstrap import wheel
from bootstrap.errors import BootstrapError
from bootstrap.version import Version, parse, show

DIRECTORY = Path(".tools/uv")


def required(checkout: Path) -> Version:
    """Return the lowest uv that the project takes: `required-version` in pyproject.toml."""
    requirement = tomllib.loads((checkout / "pyproject.toml").read_text())["tool"]["uv"]["required-version"]
    version = parse(requirement)
    if version is None or requirement != f">={show(version)}":
        raise BootstrapError(f"pyproject.toml: tool.uv.required-version is {requirement!r}; only >=X.Y is understood")
    return version


def pinned(checkout: Path) -> str:
    """Return the one version that is installed here: the tag of the Containerfile's UV_IMAGE, so that they agree."""
    found = re.search(r"^ARG UV_IMAGE=\S+:(\d[\d.]*)$", (checkout / "Containerfile").read_text(), re.MULTILINE)
    if found is None:
        raise BootstrapError(
            "Containerfile: no line `ARG UV_IMAGE=name:X.Y.Z`, whose tag is the version of uv to install"
        )
    return found[1]


def install(checkout: Path, version: str, pip: Path | None) -> None:
    """Install uv into the checkout by the system Python's pip, or by the one in the directory `pip`."""
    wheel.install("uv", version, checkout / DIRECTORY, pip)
