"""What a request may make the service do, whatever it contains: JSON, faults, details, tags, parameters, memory."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Body, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from app import logs
from app.middleware.body import FREE_BYTES
from app.middleware.json_limits import MAX_DEPTH, refuse_large_json
from app.problems import MAX_FAULTS

NOTES = "/api/v1/notes"
MAX_ANSWER = 200_000  # bytes


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Return room for one long body, and half of another."""
    return {"max_buffered_bytes": 300_000, "max_body_bytes": 200_000 + FREE_BYTES}


class Anything(BaseModel):
    """A fork's model that allows no other keys."""

    model_config = ConfigDict(extra="forbid")

    items: list[int] = []


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    """Return the application with a fork's routes."""

    @app.post("/fork/json")
    async def anything(body: Anything) -> int:
        return len(body.items)

    @app.post("/fork/any")
    async def any_json(body: Annotated[Any, Body()]) -> str:
        return str(type(body))

    return app


async def post(client: httpx.AsyncClient, path: str, content: bytes, **headers: str) -> httpx.Response:
    """Send JSON."""
    return await client.post(path, content=content, headers={"content-type": "application/json"} | headers)


def refused(document: bytes, max_values: int) -> bool:
    """Return whether a document is too large."""
    try:
        refuse_large_json(document, max_values)
    except HTTPException as error:
        assert error.status_code == 413  # noqa: PT017 - both are answers
        return True
    return False


def size_of(value: Any) -> int:
    """Return how many keys and values a document has, an empty list or object counted as if it had one."""
    if isinstance(value, dict):
        return 2 * len(value) + sum(map(size_of, value.values())) if value else 1
    if isinstance(value, list):
        return len(value) + sum(map(size_of, value)) if value else 1
    return 0


DOCUMENTS = st.recursive(
    st.none() | st.integers() | st.text(alphabet='a"\\[]{},:é\n'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='"\\[,'), inner),
)


@given(document=DOCUMENTS, ascii_only=st.booleans())
def test_keys_and_values_are_counted_as_a_parser_would(document: Any, *, ascii_only: bool) -> None:
    """What is in strings does not count, whatever is escaped in them."""
    text = json.dumps(document, ensure_ascii=ascii_only).encode()
    size = size_of(document)
    assert not refused(text, max(size, 1))
    assert size < 2 or refused(text, size - 1)


@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_is_limited(pair: tuple[bytes, bytes]) -> None:
    """So many levels, and not one more; those in a string are none."""
    for levels in (MAX_DEPTH, MAX_DEPTH + 1):
        document = pair[0] * levels + b"1" + pair[1] * levels
        assert refused(document, 10_000) is (levels > MAX_DEPTH)
    assert not refused(json.dumps("[" * 1000).encode(), 10_000)


def test_other_encodings_do_not_hide_what_is_in_them() -> None:
    """Python's parser reads UTF-16, too, where a quote's escape looks otherwise."""
    hidden = json.dumps(['"', *[[]] * 20_000]).encode("utf-16")
    with pytest.raises(HTTPException, match="UTF-8"):
        refuse_large_json(hidden, 10_000)


@pytest.mark.parametrize("path", [NOTES, "/fork/json", "/fork/any"])
async def test_many_keys_are_refused_before_they_are_read(client: httpx.AsyncClient, path: str) -> None:
    """Whatever the route: 413, as a problem."""
    body = b"{" + b",".join(b'"%x":0' % number for number in range(10_000)) + b"}"
    answer = await post(client, path, body)
    assert answer.status_code == answer.json()["status"] == 413
    assert "10000 JSON keys and values" in answer.json()["detail"]


async def test_many_faults_are_counted_and_a_few_listed(client: httpx.AsyncClient) -> None:
    """As many as somebody reads, and how many there are."""
    answer = await post(client, "/fork/json", json.dumps({f"{number}": 0 for number in range(4000)}).encode())
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == MAX_FAULTS
    assert answer.json()["detail"] == "The request does not fit the schema: 4000 faults, of which the first 20 follow."


async def test_few_faults_are_all_listed(client: httpx.AsyncClient) -> None:
    """The detail is as it was."""
    answer = await post(client, "/fork/json", b'{"a": 0, "b": 0}')
    assert [fault["location"] for fault in answer.json()["errors"]] == [["body", "a"], ["body", "b"]]
    assert answer.json()["detail"] == "The request does not fit the schema."


@pytest.mark.parametrize(
    "body",
    [
        {"k" * 190_000: 0},
        {"\x00" * 30_000: 0},
        {"\ud800": 0},
        {"title": "\ud800"},
        {"title": "x" * 190_000},
        {"title": float("nan")},
        {"title": "a", "body": ["x"] * 1000},
        {f"{number}" + "x" * 180: 0 for number in range(1000)},
    ],
)
async def test_answer_does_not_give_back_what_was_sent(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    """422, and an answer that is small, whatever the keys and values are."""
    answer = await post(client, NOTES, json.dumps(body).encode())
    assert answer.status_code == 422
    assert len(answer.content) < min(MAX_ANSWER, 40_000)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"title": ' + b"1" * 190_000 + b"}", 400),
        (b'{"title": 0.' + b"1" * 190_000 + b"}", 422),
        (b'{"title": 1e190000}', 422),
        (b'{"title": "a", "title": "b"}', 201),
        (b"[" * 190_000, 413),
        (b'{"title": "' + b"\\u0041" * 30_000 + b'"}', 422),
        (b'{"title": "\xff"}', 400),
        (b'"' * 190_000, 422),
        (b"\\" * 190_000, 422),
    ],
)
async def test_odd_json_is_no_unforeseen_error(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    """Long numbers, depth, escapes, half a string: an answer, and never 500."""
    assert (await post(client, NOTES, body)).status_code == status


async def test_encoded_body_is_refused_by_its_right_name(client: httpx.AsyncClient) -> None:
    """415 and what is read instead; a body that says that it is not encoded is read."""
    answer = await post(client, NOTES, b"\x1f\x8b", **{"content-encoding": "gzip"})
    assert answer.status_code == answer.json()["status"] == 415
    assert answer.headers["accept-encoding"] == "identity"
    body = json.dumps({"title": "a"}).encode()
    assert (await post(client, NOTES, body, **{"content-encoding": "identity"})).status_code == 201


async def test_many_query_parameters_are_refused(client: httpx.AsyncClient) -> None:
    """400 for more than a thousand."""
    assert (await client.get(NOTES + "?" + "&".join(["a=1"] * 1000))).status_code == 200
    answer = await client.get(NOTES + "?" + "&".join(["a=1"] * 1001))
    assert answer.status_code == answer.json()["status"] == 400


async def test_many_tags_are_refused(client: httpx.AsyncClient) -> None:
    """400 for more than a hundred; a long field that is none is not given back as a whole."""
    note = (await client.post(NOTES, json={"title": "a"})).headers["location"]
    tags = [f'"{number}"' for number in range(101)]
    assert (await client.delete(note, headers={"if-match": ", ".join(tags)})).status_code == 400
    answer = await client.delete(note, headers={"if-match": "x" * 15_000})
    assert answer.status_code == 400
    assert len(answer.content) < 2000
    assert (await client.delete(note, headers={"if-match": ", ".join(tags[:100])})).status_code == 204


async def test_bodies_beyond_the_memory_for_them_are_refused(app: FastAPI, client: httpx.AsyncClient) -> None:
    """A second long one while the first is at work: 503; a short one is read, and afterwards there is room again."""
    long = json.dumps({"title": "x" * 200_000}).encode()
    seen: list[int] = []

    @app.post("/fork/within")
    async def within(body: dict[str, Any]) -> None:
        seen.append(len(body))
        refused = await post(client, NOTES, long)
        assert refused.status_code == refused.json()["status"] == 503
        assert refused.headers["retry-after"] == "2"
        assert (await client.post(NOTES, json={"title": "short"})).status_code == 201

    for _ in range(5):
        await post(client, "/fork/within", long)
        assert (await post(client, NOTES, long)).status_code == 422
        note = (await client.get(NOTES)).json()["items"][0]
        await client.delete(f"{NOTES}/{note['id']}")
    assert seen == [1] * 5


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Return a function that returns the access log's lines so far."""
    written: list[bytes] = []

    class Lines:
        def msg(self, line: bytes) -> None:
            written.append(line)

    monkeypatch.setattr(logs, "_lines", Lines())
    return lambda: [json.loads(line) for line in written]


async def test_long_path_is_cut_in_the_log(
    client: httpx.AsyncClient, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Its beginning tells enough."""
    await client.get("/" + "x" * 16_000)
    (line,) = lines()
    assert line["path"] == "/" + "x" * 255 + "..."
