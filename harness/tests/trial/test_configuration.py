"""trial.toml is read strictly: what it does not know is an error that names what it does."""

from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import ManifestError
from seatrial.traffic.exchange import Request
from seatrial.trial.configuration import Configuration, Data, parse, read


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    """Nothing needs to be said."""
    assert read(tmp_path) == Configuration()


def test_file_stands_beside_an_overlay_or_a_yaml_file(tmp_path: Path) -> None:
    """In the directory, or in that of the file."""
    (tmp_path / "trial.toml").write_text('subject = "web"')
    assert read(tmp_path) == read(tmp_path / "all.yaml") == Configuration(subject="web")


def test_everything_that_can_be_said_is_read() -> None:
    """Each key once."""
    given: dict[str, Any] = {
        "subject": "web",
        "port": 8080,
        "load": {"path": "/a"},
        "slow": {"path": "/b", "method": "PUT", "headers": {"x-y": "z"}, "body": "text"},
        "dependencies": ["db"],
        "logs": "json",
        "setting": {"PORT": "none"},
        "missing": ["PORT"],
        "data": {"write": {"path": "/b", "body": "1"}, "read": {"path": "/b"}, "expects": "1"},
        "exempt": {"hang.is-detected": "because"},
    }
    assert parse(given, "x") == Configuration(
        subject="web",
        port=8080,
        load=Request("/a"),
        slow=Request("/b", "PUT", (("x-y", "z"),), b"text"),
        dependencies=("db",),
        logs="json",
        setting={"PORT": "none"},
        missing=("PORT",),
        data=Data(Request("/b", "POST", (), b"1"), Request("/b"), "1"),
        exempt={"hang.is-detected": "because"},
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"subjects": "web"}, "unknown subjects; allowed: subject, port, load"),
        ({"load": {"path": "/", "verb": "GET"}}, r"\[load\]: unknown verb; allowed: path, method"),
        ({"load": {}}, r"\[load\]: path is missing"),
        ({"load": {"path": "x"}}, r"\[load\]: path must begin with /; given: 'x'"),
        ({"load": {"path": "/größe"}}, r"\[load\]: path must be ASCII .*, anything else as %XX; given: '/größe'"),
        ({"load": {"path": "/a b"}}, r"\[load\]: path must be ASCII without spaces, .*; given: '/a b'"),
        ({"load": {"path": "/", "method": "G T"}}, r"\[load\]: method must be one word .*; given: 'G T'"),
        ({"slow": {"path": "/", "headers": {"by": "Zoë"}}}, r"\[slow\]: headers.by must be .*ASCII.*; given: 'Zoë'"),
        ({"slow": {"path": "/", "headers": {"a b": "c"}}}, r"\[slow\]: headers.a b must be .*; given: 'c'"),
        (
            {"load": {"path": "/", "headers": {"Host": "a"}}},
            r"\[load\]: headers.Host must be .*Host.*added; given: 'a'",
        ),
        ({"load": {"path": "/", "headers": {"content-length": "3"}}}, r"\[load\]: headers.content-length must be .*"),
        ({"exempt": {"a": " "}}, "exempt.a must say why; given: ' '"),
        ({"port": "80"}, "port must be a whole number; given: '80'"),
        ({"port": 0}, "port must be from 1 to 65535; given: 0"),
        ({"port": 65536}, "port must be from 1 to 65535; given: 65536"),
        (
            {"data": {"write": {"path": "/"}, "read": {"path": "/"}, "expects": ""}},
            r"\[data\]: expects must not be empty",
        ),
        ({"port": True}, "port must be a whole number; given: True"),
        ({"logs": "xml"}, "logs must be one of json, text; given: 'xml'"),
        ({"dependencies": [1]}, r"dependencies must be a list of texts; given: \[1\]"),
        ({"exempt": {"a": 1}}, "exempt.a must be a text; given: 1"),
        ({"data": {"expects": "1"}}, r"\[data\]: it needs a \[data.write\] and a \[data.read\]"),
        ({"missing": "PORT"}, "missing must be a list of texts; given: 'PORT'"),
        ({"setting": "PORT"}, "setting must be a table of texts; given: 'PORT'"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], message: str) -> None:
    """The thing, what was given, what is allowed."""
    with pytest.raises(ManifestError, match=rf"trial\.toml: {message}"):
        parse(given, "trial.toml")


def test_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    """With the parser's own words."""
    (tmp_path / "trial.toml").write_text("subject = web")
    with pytest.raises(ManifestError, match=r"trial\.toml is not TOML: Invalid value"):
        read(tmp_path)
