"""What the documents have a reader type, and the manifests that they show."""

import re
import shlex
from collections.abc import Iterator

from tests.docs.generated import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
KUBERNETES = ROOT / "docs" / "kubernetes.md"


def blocks(text: str, language: str) -> Iterator[str]:
    """Yield the contents of the fenced blocks in a language."""
    return (content for found, content in BLOCK.findall(text) if found == language)


def kubectl(text: str) -> Iterator[tuple[str, ...]]:
    """Yield each kubectl command of the console blocks as its arguments, without what the shell does around it."""
    for block in blocks(text, "console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                words = shlex.shlex(line[2:], posix=True, punctuation_chars="|<>")
                words.whitespace_split = True
                yield from _commands(list(words))


def _commands(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield the commands of a pipeline that are kubectl's, up to what is redirected."""
    command: list[str] = []
    for word in [*words, "|"]:
        if word in ("|", "<", ">"):
            if command[:1] == ["kubectl"]:
                yield tuple(command)
            command = [] if word == "|" else [word]
        else:
            command.append(word)


def first_column(text: str, title: str) -> set[str]:
    """Return the names in the first column of the table with this title."""
    (table,) = re.findall(rf"^\| {title} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return {name for row in str(table).splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
