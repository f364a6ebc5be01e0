"""YAML text as documents: the object in each, as the API server reads it, and the lines that its fields are on."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

SEPARATOR = re.compile(r"(?m)^---(?=\s|$)")
"""What a document begins with; no line within one can."""

NESTING = re.compile(r"[\[{]|[-?]\s[-?]")
"""What can open more than one level on a line."""
DEEPEST = 1000
TEMPLATE = "it has `{{` in it, as templates have; render it first, as by `helm template CHART | seatrial check -`"
LIST = "List"
MERGE = "<<"
GENERATED = "xxxxx"
"""What stands for the five letters that the API server puts behind a `generateName`."""


@dataclass(frozen=True)
class Document:
    """One object of a text, and the nodes that it was read from."""

    object: dict[str, Any]
    node: yaml.Node

    def line(self, path: Sequence[str | int] = (), rendered: dict[str, Any] | None = None) -> tuple[int, int]:
        """Return how many of the steps to a field lead on, and the line, from 1 on, that they lead to.

        `rendered` is what became of the object, by which the steps are: items of lists are known by their names there.
        """
        *steps, (_, line) = self._walk(path, rendered)
        return len(steps), line + 1

    def at(self, path: Sequence[str | int], rendered: dict[str, Any] | None = None) -> "Document | None":
        """Return a field that is a document's as a document, by the same steps; None where it is not there."""
        nodes = list(self._walk(path, rendered))
        return Document({}, nodes[-1][0]) if len(nodes) == len(path) + 1 else None

    def _walk(self, path: Sequence[str | int], rendered: dict[str, Any] | None) -> Iterator[tuple[yaml.Node, int]]:
        """Yield the node of each step, and the line that it begins on, as far as the steps lead."""
        node, value, line = self.node, rendered or self.object, self.node.start_mark.line
        yield node, line
        for step in path:
            value = _value(value, step)
            if (found := _inner(node, step, value)) is None:
                return
            node, line = found
            yield found


@dataclass(frozen=True)
class Unreadable:
    """A document that is no YAML, or no Kubernetes object: what is wrong, and the line where that is seen."""

    words: str
    line: int


def read(text: str) -> Iterator[Document | Unreadable]:
    """Yield the objects in a YAML text, those of Lists as if they stood alone, and what cannot be read of it."""
    whole = list(_part(text))
    if any(isinstance(found, Unreadable) for found in whole):  # then what is wrong is looked for document by document
        whole = [found for part in _parts(text) for found in _part(part)]
    number = 0
    for found in whole:
        if isinstance(found, Unreadable):
            yield found
        elif found.object is not None:
            number += 1
            if twice := next(_set_twice(found.node), None):
                yield twice
            else:
                yield from _objects(found.node, found.object, f"document {number}")


def mappings(text: str) -> Iterator[Document]:
    """Yield the mappings in a YAML text, whatever they are about, as far as they can be read."""
    for found in _part(text):
        if isinstance(found, Document) and isinstance(found.object, dict):
            yield found


def _parts(text: str) -> Iterator[str]:
    """Yield each document alone, on its own lines; directives stand above what separates them from their document."""
    begin = 0
    for end in (*(found.start() for found in SEPARATOR.finditer(text)), len(text)):
        if any(line and not line.startswith(("#", "%")) for line in text[begin:end].splitlines()):
            yield "\n" * text.count("\n", 0, begin) + text[begin:end]
            begin = end


def _part(text: str) -> Iterator[Document | Unreadable]:
    """Yield the values in a text, of whatever type, until one cannot be read."""
    try:
        _refuse_too_deep(text)
        loader = _Loader(text)
        try:
            while loader.check_node():
                node = loader.get_node()
                yield Document(_as_stored(loader.construct_document(node)), node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        template = "{{" in "".join(text.splitlines()[line - 1 : line])
        yield Unreadable(f"is not YAML: {TEMPLATE if template else error}", line)
    except yaml.YAMLError as error:
        yield Unreadable(f"is not YAML: {error}", _first_line(text))
    except RecursionError:
        yield Unreadable("is not YAML: it contains itself, or is too deep", _first_line(text))
    except (AttributeError, KeyError, ValueError) as error:  # what PyYAML raises for a text that its tag does not fit
        yield Unreadable(f"is not YAML: a value does not fit its tag ({error})", _first_line(text))


def _refuse_too_deep(text: str) -> None:
    """Raise RecursionError for what nests so deep that libyaml, which knows no limit, would end the process."""
    if sum(1 for _ in NESTING.finditer(text)) < DEEPEST:
        return
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise RecursionError


def _first_line(text: str) -> int:
    return len(text) - len(text.lstrip("\n")) + 1


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # there without libyaml, only slower
    """Reads scalars as Kubernetes does (sigs.k8s.io/yaml): no dates, no `=`, no 22:30 in minutes, and 1e5 a number."""


_OTHERWISE = {f"tag:yaml.org,2002:{name}" for name in ("float", "int", "timestamp", "value")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OTHERWISE]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"[-+]?(0|[1-9][0-9_]*|0o?[0-7][0-7_]*|0x[0-9a-fA-F][0-9a-fA-F_]*|0b[01][01_]*)$"),
    list("-+0123456789"),
)
_Loader.add_implicit_resolver(  # an exponent that would make it infinite makes it a text
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?((\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[12]?[0-9]{1,2})?|\.(inf|Inf|INF))$|\.(nan|NaN|NAN)$"),
    list("-+.0123456789"),
)
_Loader.add_constructor("tag:yaml.org,2002:merge", lambda _, node: str(node.value))  # `<<` where it is no key


def _as_stored(value: Any) -> Any:
    """Return a value as the API server reads it: null is no field, a name is text, and what JSON has not is text."""
    if isinstance(value, dict):
        return {str(key): _as_stored(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_as_stored(each) for each in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _set_twice(node: yaml.Node) -> Iterator[Unreadable]:
    """Yield each key that a mapping has twice: kubectl refuses that, and what reads YAML else takes the last."""
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, inner in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and key.value in lines and key.value != MERGE:
                yield Unreadable(f"the key {key.value} stands there twice, before in line {lines[key.value]}", line)
            lines[str(key.value)] = line
            yield from _set_twice(inner)
    elif isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            yield from _set_twice(inner)


def _objects(node: yaml.Node, value: Any, where: str) -> Iterator[Document | Unreadable]:
    """Yield the objects of a document, of which one may be a list of others, as kubectl takes it apart."""
    match value:
        case {"kind": str(kind), "items": [*items]} if kind.endswith(LIST):
            for index, item in enumerate(items):
                inner = (_inner(node, "items", None) or (node, 0))[0]
                of_list = (_inner(inner, index, item) or (node, 0))[0]
                yield from _objects(of_list, _named_by(value, item), f"{where}, an item")
        case {"kind": str(), "metadata": {"name": str()}}:
            yield Document(value, node)
        case {"kind": str(), "metadata": {"generateName": str(begin)}}:
            value["metadata"]["name"] = begin + GENERATED
            yield Document(value, node)
        case _:
            yield Unreadable(
                f"{where} is no Kubernetes object with a kind and a metadata.name", node.start_mark.line + 1
            )


def _named_by(whole: dict[str, Any], item: Any) -> Any:
    """Return an item of a list with a type, as DeploymentList, which need not say itself what it is."""
    if not isinstance(item, dict) or "kind" in item or "apiVersion" in item or whole["kind"] == LIST:
        return item
    return {"apiVersion": whole.get("apiVersion"), "kind": whole["kind"].removesuffix(LIST), **item}


def _value(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _inner(node: yaml.Node, step: str | int, value: Any) -> tuple[yaml.Node, int] | None:
    """Return the node of a field or an item, and the line that it begins on, None where it is not there."""
    if isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            if key.value == str(step):
                return inner, key.start_mark.line
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        name = value.get("name") if isinstance(value, dict) else None
        named = [inner for inner in node.value if name is not None and _name(inner) == str(name)]
        numbered = node.value[step : step + 1] if name is None or not any(map(_name, node.value)) else []
        return next(((inner, inner.start_mark.line) for inner in (*named, *numbered)), None)
    return None


def _name(node: yaml.Node) -> str | None:
    """Return the name of an item, as far as it has one."""
    found = _inner(node, "name", None) if isinstance(node, yaml.MappingNode) else None
    return found[0].value if found and isinstance(found[0], yaml.ScalarNode) else None
