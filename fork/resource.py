"""A resource of one's own, made from the example: its files once more, with another word for `note`."""

import keyword
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fork.errors import ForkError

SHAPE = re.compile(r"[a-z][a-z0-9]{1,17}")
VERSIONS = Path("app", "migrations", "versions")
MODELS, MAIN = Path("app", "models", "__init__.py"), Path("app", "main.py")
EXAMPLE = {
    Path("app", "models", "note.py"): "app/models/{one}.py",
    Path("app", "services", "notes.py"): "app/services/{many}.py",
    Path("app", "schemas", "note.py"): "app/schemas/{one}.py",
    Path("app", "routes", "notes.py"): "app/routes/{many}.py",
    Path("tests", "unit", "app", "test_notes.py"): "tests/unit/app/test_{many}.py",
}
OF_AN_EXAMPLE = {
    "The example resource, to be replaced by one's own: create": "Notes over HTTP: create",
    "The example resource over HTTP": "Notes over HTTP",
    "A note: the example resource.": "A note.",
    "import Reading, RouteSession, Session, SessionRoute": "import RouteSession, SessionRoute",
    '__all__ = ["Reading", "Session", "router"]  # the sessions, because forks of 0.1.0 import them from here\n\n': "",
}
"""What the example's files say of themselves, and what another resource's do."""
MIGRATION = VERSIONS / "0001_notes.py"
SIBILANT = ("s", "x", "z", "ch", "sh")
AFTERWARDS = (("ruff", "check", "--quiet", "--fix-only"), ("ruff", "format", "--quiet"))


@dataclass(frozen=True)
class Resource:
    """What one is called, and what several are."""

    one: str
    many: str

    @classmethod
    def read(cls, one: str, many: str = "") -> "Resource":
        """Return what was typed; raises ForkError with all that the words must be."""
        many = many or _plural(one)
        for word in (one, many):
            if not SHAPE.fullmatch(word) or keyword.iskeyword(word) or keyword.issoftkeyword(word) or one == many:
                raise ForkError(
                    f"given {one!r}, and {many!r} for several; allowed: two English nouns of 2 to 18 lower-case "
                    "letters and digits, a letter first, that are no words of Python; for example "
                    "`make resource NAME=vessel`, or with the plural, `make resource NAME=quay PLURAL=quays`"
                )
        return cls(one, many)

    def said(self, text: str) -> str:
        """Return a text of the example's about this resource."""
        words = {"note": self.one, "notes": self.many}
        words |= {word.capitalize(): new.capitalize() for word, new in words.items()} | {"NOTES": self.many.upper()}
        if self.one[0] in "aeiou":
            text = re.sub(r"\b([Aa]) (?=note\b)", r"\1n ", text)
        return re.sub(r"NOTES|[Nn]otes?", lambda match: words[match[0]], text)


def make(checkout: Path, resource: Resource, tell: Callable[[str], None]) -> None:
    """Write a resource's model, migration, service, schema, routes and tests; raises ForkError before it writes any."""
    files = dict(_files(checkout, resource))
    taken = [str(path) for path in files if path not in (MODELS, MAIN) and (checkout / path).exists()]
    if taken:
        raise ForkError(f"there is {', '.join(taken)} already; nothing was written: give the resource another NAME")
    for path, text in files.items():
        (checkout / path).write_text(text, "utf-8")
        tell(f"wrote {path}")
    for module in AFTERWARDS:
        argv = (sys.executable, "-m", *module, *map(str, files))
        done = subprocess.run(argv, cwd=checkout, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ForkError(f"the files are written, but `{' '.join(module)}` failed: {done.stderr.strip()[-2000:]}")
    tell(
        f"/api/v1/{resource.many} is there after the next start: try it with `make dev`, and give it columns of its "
        "own in the model, the migration and the schema"
    )


def _files(checkout: Path, resource: Resource) -> Iterator[tuple[Path, str]]:
    for path, pattern in EXAMPLE.items():
        text = _read(checkout, path)
        for said, instead in OF_AN_EXAMPLE.items():
            text = text.replace(said, instead)
        yield Path(pattern.format(one=resource.one, many=resource.many)), resource.said(text)
    yield _migration(checkout, resource)
    name = resource.one.capitalize()
    text = _read(checkout, MODELS)
    text = text.replace("\n__all__ = [", f'from app.models.{resource.one} import {name}\n\n__all__ = ["{name}", ')
    yield MODELS, text
    text, included = _read(checkout, MAIN), "    app.include_router({}.router)\n"
    text = text.replace("from app.routes import ", f"from app.routes import {resource.many}, ")
    yield MAIN, text.replace(included.format("notes"), included.format("notes") + included.format(resource.many))


def _migration(checkout: Path, resource: Resource) -> tuple[Path, str]:
    """Return the migration that makes the table, after the last one."""
    (last,) = _heads(checkout)
    number = f"{max(int(path.name[:4]) for path in (checkout / VERSIONS).glob('[0-9]*_*.py')) + 1:04}"
    text = resource.said(_read(checkout, MIGRATION))
    for old, new in (
        ("Revises: nothing", f"Revises: {last}"),
        ('revision = "0001"', f'revision = "{number}"'),
        ("down_revision = None", f'down_revision = "{last}"'),
    ):
        text = text.replace(old, new, 1)
    return VERSIONS / f"{number}_{resource.many}.py", text


def _heads(checkout: Path) -> set[str]:
    """Return the revision that no other revises, as the only one; raises ForkError where there are several."""
    text = "".join(path.read_text("utf-8") for path in (checkout / VERSIONS).glob("[0-9]*_*.py"))
    revised = set(re.findall(r'^down_revision = "(.*)"', text, re.MULTILINE))
    heads = set(re.findall(r'^revision = "(.*)"', text, re.MULTILINE)) - revised
    if len(heads) != 1:
        raise ForkError(f"there are {len(heads)} last migrations, {', '.join(sorted(heads))}; merge them first")
    return heads


def _read(checkout: Path, path: Path) -> str:
    try:
        return (checkout / path).read_text("utf-8")
    except FileNotFoundError as error:
        raise ForkError(
            f"{path} is not there, which a resource is made from; take it back from git for that: "
            f"`git checkout $(git rev-list -1 HEAD -- {path})~ -- {path}`"
        ) from error


def _plural(one: str) -> str:
    if one.endswith(SIBILANT):
        return f"{one}es"
    if one.endswith("y") and one[-2:-1] not in "aeiou":
        return f"{one[:-1]}ies"
    return f"{one}s"
