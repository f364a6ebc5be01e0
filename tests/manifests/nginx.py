"""nginx's configuration as a ConfigMap has it: its directives, each with the block that it stands in."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

TOKENS = re.compile(r"""#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([{};])|([^\s{};]+)""")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "": 1.0}
BYTES = {"k": 2**10, "m": 2**20, "g": 2**30, "": 1}


class Directive(NamedTuple):
    """One directive: its name and arguments, and the blocks around it, the innermost last: `upstream blue`."""

    block: tuple[str, ...]
    name: str
    arguments: tuple[str, ...]


def directives(files: Mapping[str, str], name: str = "nginx.conf") -> Iterator[Directive]:
    """Yield the directives of a file, and in their place those of the files beside it that it includes."""
    block: list[str] = []
    words: list[str] = []
    for found in TOKENS.finditer(files.get(name, "")):
        double, single, mark, word = found.groups()
        if mark == ";" and words:
            if words[0] == "include" and words[1] in files:
                for each in directives(files, words[1]):
                    yield each._replace(block=(*block, *each.block))
            else:
                yield Directive(tuple(block), words[0], tuple(words[1:]))
        elif mark == "{":
            block.append(" ".join(words))
        elif mark == "}":
            block.pop()
        else:
            words += [text for text in (double, single, word) if text is not None]
            continue
        words = []


def seconds(given: str) -> float:
    """Return a time such as 60s or 1m in seconds."""
    return _number(given, SECONDS)


def size(given: str) -> float:
    """Return a size such as 16k or 1m in bytes."""
    return _number(given, BYTES)


def _number(given: str, units: Mapping[str, float]) -> float:
    found = re.fullmatch(r"(\d+)([a-zA-Z]*)", given)
    if not found or found[2].lower() not in units:
        raise ValueError(f"{given!r} is neither a time nor a size; allowed: a number and one of {', '.join(units)}")
    return int(found[1]) * units[found[2].lower()]
