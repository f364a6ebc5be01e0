"""`trial.toml`, which may stand beside an overlay: what its manifests cannot tell. Unknown keys are errors."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import h11

from seatrial.errors import ManifestError
from seatrial.traffic.exchange import Request, head

NAME = "trial.toml"
PATH = "ASCII without spaces, anything else as %XX"
METHOD = "one word of ASCII letters, as POST"
HEADER = "a word, and ASCII on one line for its value; Host and Content-Length are added"
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Data:
    """How something is stored, and how it is read again: the answer to `read` must contain `expects`."""

    write: Request
    read: Request
    expects: str


@dataclass(frozen=True)
class Configuration:
    """What the owner of a deployment says about it; the defaults are of one that has no `trial.toml`.

    `subject` is the name of a workload, `dependencies` of others and of containers of its pod. `slow` is a request with
    a body that may come slowly. `setting` names variables with a value that has to stop the start, `missing` those
    without which it must not start: variables, or keys of ConfigMaps and Secrets that are mounted. `exempt` gives, by a
    claim's id, why it may be broken.
    """

    subject: str | None = None
    port: int | None = None
    load: Request | None = None
    slow: Request | None = None
    dependencies: tuple[str, ...] | None = None
    logs: str | None = None
    setting: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    data: Data | None = None
    exempt: Mapping[str, str] = field(default_factory=dict)


def read(path: Path) -> Configuration:
    """Return what stands beside an overlay, or beside a YAML file; ManifestError names what is wrong in it."""
    beside = path / NAME
    try:
        beside = (path if path.is_dir() else path.parent) / NAME
        if not beside.is_file():
            return Configuration()
        return parse(tomllib.loads(beside.read_text()), str(beside))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{beside} is not TOML: {error}") from error
    except OSError as error:
        raise ManifestError(f"{beside} cannot be read: {error.strerror}") from error


def parse(given: Mapping[str, Any], source: str) -> Configuration:
    """Return the configuration in a parsed `trial.toml`; `source` names it in a ManifestError."""
    table = _Table(given, source)
    configuration = Configuration(
        subject=table.text("subject"),
        port=table.number("port"),
        load=_request(table.table("load"), method="GET"),
        slow=_request(table.table("slow"), method="POST"),
        dependencies=table.texts("dependencies"),
        logs=table.text("logs", allowed=("json", "text")),
        missing=table.texts("missing") or (),
        setting=table.mapping("setting"),
        data=_data(table.table("data")),
        exempt=table.mapping("exempt"),
    )
    table.end()
    for name, reason in configuration.exempt.items():
        if not reason.strip():
            raise ManifestError(f"{source}: exempt.{name} must say why; given: {reason!r}")
    if configuration.port is not None and not 1 <= configuration.port <= HIGHEST_PORT:
        raise ManifestError(f"{source}: port must be from 1 to {HIGHEST_PORT}; given: {configuration.port}")
    return configuration


def _request(table: "_Table | None", *, method: str) -> Request | None:
    if table is None:
        return None
    request = Request(
        path=table.required("path"),
        method=table.text("method") or method,
        headers=tuple(table.mapping("headers").items()),
        body=(table.text("body") or "").encode(),
    )
    table.end()
    if not request.path.startswith("/"):
        raise ManifestError(f"{table.where}: path must begin with /; given: {request.path!r}")
    _check("path", request.path, PATH, replace(request, method="GET", headers=()), table.where)
    _check("method", request.method, METHOD, Request("/", request.method), table.where)
    for name, value in request.headers:
        one = replace(request, path="/", method="POST", headers=((name, value),))
        _check(f"headers.{name}", value, HEADER, one, table.where)
    return request


def _check(key: str, given: str, allowed: str, request: Request, where: str) -> None:
    """Raise ManifestError where a request cannot be sent that has what was given, and else nothing that is wrong."""
    try:
        head(request, "localhost")
    except (h11.LocalProtocolError, UnicodeEncodeError) as error:
        raise ManifestError(f"{where}: {key} must be {allowed}; given: {given!r}") from error


def _data(table: "_Table | None") -> Data | None:
    if table is None:
        return None
    write, read_again = _request(table.table("write"), method="POST"), _request(table.table("read"), method="GET")
    if write is None or read_again is None:
        raise ManifestError(f"{table.where}: it needs a [data.write] and a [data.read]")
    if read_again.method != "GET" or read_again.body:
        raise ManifestError(f"{table.where}: [data.read] is a GET without a body; given: {read_again.method}")
    data = Data(write, read_again, table.required("expects"))
    table.end()
    if not data.expects:
        raise ManifestError(f"{table.where}: expects must not be empty, for every answer has that")
    return data


class _Table:
    """A table whose keys are taken one by one; what is left at the end is unknown."""

    def __init__(self, given: Mapping[str, Any], where: str) -> None:
        self.where = where
        self._left = dict(given)
        self._known: list[str] = []

    def text(self, key: str, *, allowed: Collection[str] | None = None) -> str | None:
        value = self._take(key, str, "a text")
        if value is not None and allowed and value not in allowed:
            raise ManifestError(f"{self.where}: {key} must be one of {', '.join(allowed)}; given: {value!r}")
        return value  # type: ignore[no-any-return]  # _take has checked it

    def required(self, key: str) -> str:
        value = self.text(key)
        if value is None:
            raise ManifestError(f"{self.where}: {key} is missing")
        return value

    def number(self, key: str) -> int | None:
        return self._take(key, int, "a whole number")  # type: ignore[no-any-return]  # as above

    def texts(self, key: str) -> tuple[str, ...] | None:
        value = self._take(key, list, "a list of texts")
        if value is None:
            return None
        if not all(isinstance(each, str) for each in value):
            raise ManifestError(f"{self.where}: {key} must be a list of texts; given: {value!r}")
        return tuple(value)

    def mapping(self, key: str) -> dict[str, str]:
        value = self._take(key, dict, "a table of texts") or {}
        for name, text in value.items():
            if not isinstance(text, str):
                raise ManifestError(f"{self.where}: {key}.{name} must be a text; given: {text!r}")
        return dict(value)

    def table(self, key: str) -> "_Table | None":
        value = self._take(key, dict, "a table")
        return None if value is None else _Table(value, f"{self.where}: [{key}]")

    def end(self) -> None:
        if self._left:
            unknown, known = ", ".join(self._left), ", ".join(self._known)
            raise ManifestError(f"{self.where}: unknown {unknown}; allowed: {known}")

    def _take(self, key: str, kind: type, description: str) -> Any:
        self._known.append(key)
        value = self._left.pop(key, None)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise ManifestError(f"{self.where}: {key} must be {description}; given: {value!r}")
        return value
