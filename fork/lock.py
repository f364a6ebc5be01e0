"""The project's own name, in pyproject.toml and uv.lock."""

import re

from fork.errors import ForkError
from fork.names import Name

PROJECT = "seatrial-service"
PACKAGE = "\n[[package]]\n"


def project(text: str, name: Name) -> str:
    """Return pyproject.toml with the service's name; raises ForkError where it has another one by now."""
    changed, places = re.subn(f'^name = "{PROJECT}"$', f'name = "{name.text}"', text, count=1, flags=re.MULTILINE)
    if not places:
        now = re.search(r'^name = "(.*)"$', text, re.MULTILINE)
        raise ForkError(
            f"the service has been renamed before, to {now[1] if now else 'another name'}; allowed: once, in a "
            f"checkout of {PROJECT}; go back by git to the commit before that, then `make rename NAME={name.text}`"
        )
    return changed


def locked(text: str, name: Name) -> str:
    """Return uv.lock with the service's name, its packages in uv's order: by their names."""
    text = text.replace(f'"{PROJECT}"', f'"{name.text}"')
    text = re.sub(r"(?<=^members = \[\n).*?(?=^\])", _sorted_lines, text, count=1, flags=re.MULTILINE | re.DOTALL)
    head, *packages = text.rstrip("\n").split(PACKAGE)
    return PACKAGE.join([head, *sorted((each.rstrip("\n") + "\n" for each in packages), key=_name)])


def _sorted_lines(match: re.Match[str]) -> str:
    return "".join(sorted(match[0].splitlines(keepends=True)))


def _name(package: str) -> str:
    return package.partition('name = "')[2].partition('"')[0]
