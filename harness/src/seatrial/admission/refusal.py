"""A refusal: the field that the API server would name, and what it would say of it."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.manifests.place import Step

Path = tuple[Step, ...]
Fields = Mapping[str, Any]
"""A part of an object whose schema holds: a field has its type, or is not there."""


@dataclass(frozen=True)
class Refusal:
    """One field, by the steps to it, and what is wrong with it."""

    path: Path
    text: str

    def __str__(self) -> str:
        """Return it as the API server writes it: `spec.ports[1].name: …`."""
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{steps.lstrip('.')}: {self.text}"


Refusals = Iterator[Refusal]
Rule = Callable[[str], str | None]
"""What is wrong with a text, None where nothing is."""


def required(fields: Fields, path: Path, *names: str) -> Refusals:
    """Refuse fields that are not there, or empty."""
    for name in names:
        if fields.get(name) in (None, "", [], {}):
            yield Refusal((*path, name), "it is required")


def one_of(fields: Fields, path: Path, name: str, allowed: Iterable[str]) -> Refusals:
    """Refuse a field's value that is none of these; one that is not there has a default."""
    if (given := fields.get(name)) not in (None, "", *(values := tuple(allowed))):
        yield Refusal((*path, name), f"given {given!r}; allowed: {', '.join(values)}")


def between(fields: Fields, path: Path, name: str, least: int, most: int | None = None) -> Refusals:
    """Refuse a number out of its bounds; one that is not there has a default."""
    given = fields.get(name)
    if isinstance(given, int) and (given < least or (most is not None and given > most)):
        bounds = f"{least} or more" if most is None else f"{least} to {most}"
        yield Refusal((*path, name), f"given {given}; allowed: {bounds}")


def follows(fields: Fields, path: Path, name: str, rule: Rule) -> Refusals:
    """Refuse a field's text that a rule finds wrong; one that is not there or empty is another rule's."""
    if (given := fields.get(name)) and (wrong := rule(str(given))):
        yield Refusal((*path, name), wrong)


def unique(items: Iterable[tuple[Path, Hashable]]) -> Refusals:
    """Refuse what stands a second time; None is no value."""
    seen: set[Hashable] = set()
    for path, value in items:
        if value is not None and value in seen:
            shown = "/".join(map(str, value)) if isinstance(value, tuple) else value
            yield Refusal(path, f"{shown!r} stands there twice")
        seen.add(value)


def exactly_one(fields: Fields, path: Path, names: Iterable[str], what: str) -> Refusals:
    """Refuse a part that has none, or more than one, of some fields that exclude each other."""
    given = [name for name in names if fields.get(name) is not None]
    if not given:
        yield Refusal(path, f"it has no {what}")
    elif len(given) > 1:
        yield Refusal((*path, given[1]), f"it has more than one {what}: {', '.join(given)}")


def listed(fields: Fields, path: Path, name: str) -> Iterator[tuple[Path, Any]]:
    """Return the items of a list, each with the steps to it."""
    for number, item in enumerate(fields.get(name) or ()):
        yield (*path, name, number), item


def part(fields: Fields, name: str) -> Fields:
    """Return an object that a field holds, empty where it is not there."""
    return fields.get(name) or {}
