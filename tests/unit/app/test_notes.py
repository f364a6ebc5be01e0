"""The example resource over HTTP."""

import asyncio
from typing import Any

import httpx
import pytest

NOTES = "/api/v1/notes"


async def create(client: httpx.AsyncClient, title: str = "a title") -> httpx.Response:
    """Store a note and return the answer."""
    return await client.post(NOTES, json={"title": title, "body": "a body"})


def problem(answer: httpx.Response) -> dict[str, Any]:
    """Return a problem's members after having checked that it is one."""
    assert answer.headers["content-type"] == "application/problem+json"
    members: dict[str, Any] = answer.json()
    assert members["status"] == answer.status_code
    assert members["title"]
    assert members["request_id"] == answer.headers["x-request-id"]
    return members


async def test_created_note_can_be_read_where_the_answer_says(client: httpx.AsyncClient) -> None:
    """201 with Location and ETag; a read there gives the same note and tag."""
    created = await create(client)
    assert created.status_code == 201
    read = await client.get(created.headers["location"])
    assert read.status_code == 200
    assert read.json() == created.json()
    assert read.headers["etag"] == created.headers["etag"] == '"1"'


async def test_note_is_not_created_when_its_title_is_taken(client: httpx.AsyncClient) -> None:
    """409, and the first one stays alone."""
    await create(client)
    assert problem(await create(client))["status"] == 409
    assert len((await client.get(NOTES)).json()["items"]) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"title": ""}, {"title": "  "}, {"title": "x" * 201}, {"title": "x", "owner": "me"}, {"title": "a\0b"}, []],
)
async def test_note_is_not_created_when_it_does_not_fit_the_schema(client: httpx.AsyncClient, body: Any) -> None:
    """422 that says where and why."""
    members = problem(await client.post(NOTES, json=body))
    assert members["status"] == 422
    assert members["errors"][0]["location"][0] == "body"
    assert members["errors"][0]["message"]


async def test_body_that_is_no_json_is_refused(client: httpx.AsyncClient) -> None:
    """422, not 500."""
    answer = await client.post(NOTES, content=b"{", headers={"content-type": "application/json"})
    assert problem(answer)["status"] == 422


async def test_missing_note_is_not_found(client: httpx.AsyncClient) -> None:
    """404 for reads, updates and deletes."""
    assert problem(await client.get(f"{NOTES}/7"))["status"] == 404
    answer = await client.put(f"{NOTES}/7", json={"title": "x"}, headers={"if-match": "*"})
    assert problem(answer)["status"] == 404
    assert problem(await client.delete(f"{NOTES}/7"))["status"] == 404


async def test_unknown_path_is_not_found(client: httpx.AsyncClient) -> None:
    """The framework's own errors are problems, too."""
    assert problem(await client.get("/nowhere"))["status"] == 404


async def test_unknown_method_is_not_allowed(client: httpx.AsyncClient) -> None:
    """405 with the methods that are."""
    for path, methods in ((NOTES, "GET, HEAD, POST"), (f"{NOTES}/1", "GET, HEAD, PUT, DELETE")):
        answer = await client.patch(path)
        assert problem(answer)["status"] == 405
        assert answer.headers["allow"] == methods


async def test_update_with_the_current_tag_wins(client: httpx.AsyncClient) -> None:
    """200, the new content and a new tag."""
    created = await create(client)
    answer = await client.put(
        created.headers["location"], json={"title": "new"}, headers={"if-match": created.headers["etag"]}
    )
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    assert (await client.get(created.headers["location"])).json()["title"] == "new"


async def test_update_with_an_old_tag_changes_nothing(client: httpx.AsyncClient) -> None:
    """412, and what the other one wrote stays."""
    location = (await create(client)).headers["location"]
    await client.put(location, json={"title": "theirs"}, headers={"if-match": '"1"'})
    assert problem(await client.put(location, json={"title": "mine"}, headers={"if-match": '"1"'}))["status"] == 412
    assert (await client.get(location)).json()["title"] == "theirs"


async def test_update_without_a_tag_changes_nothing(client: httpx.AsyncClient) -> None:
    """428: nobody overwrites what they have not read."""
    location = (await create(client)).headers["location"]
    assert problem(await client.put(location, json={"title": "mine"}))["status"] == 428
    assert (await client.get(location)).json()["title"] == "a title"


async def test_one_of_many_concurrent_updates_wins(client: httpx.AsyncClient) -> None:
    """Of updates that have read the same version, one succeeds and the others are told."""
    location = (await create(client)).headers["location"]
    answers = await asyncio.gather(
        *(client.put(location, json={"title": f"writer {n}"}, headers={"if-match": '"1"'}) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


@pytest.mark.parametrize("tag", ["1", '"1', 'x"1"', '"1" "2"'])
async def test_tag_that_is_none_is_refused(client: httpx.AsyncClient, tag: str) -> None:
    """400 for what is no entity tag."""
    location = (await create(client)).headers["location"]
    assert problem(await client.put(location, json={"title": "x"}, headers={"if-match": tag}))["status"] == 400


async def test_read_is_not_modified_when_the_client_has_the_version(client: httpx.AsyncClient) -> None:
    """304 without a body; weak tags count as well."""
    location = (await create(client)).headers["location"]
    for tag in ('"1"', 'W/"1"', '"7", "1"', "*"):
        answer = await client.get(location, headers={"if-none-match": tag})
        assert (answer.status_code, answer.content) == (304, b"")


async def test_read_is_answered_when_the_client_has_another_version(client: httpx.AsyncClient) -> None:
    """200 with the note."""
    location = (await create(client)).headers["location"]
    assert (await client.get(location, headers={"if-none-match": '"2"'})).status_code == 200


async def test_deleted_note_is_gone(client: httpx.AsyncClient) -> None:
    """204, then 404."""
    location = (await create(client)).headers["location"]
    assert (await client.delete(location)).status_code == 204
    assert (await client.get(location)).status_code == 404


async def test_delete_with_an_old_tag_deletes_nothing(client: httpx.AsyncClient) -> None:
    """412, and the note stays."""
    location = (await create(client)).headers["location"]
    assert problem(await client.delete(location, headers={"if-match": '"9"'}))["status"] == 412
    assert (await client.get(location)).status_code == 200


async def test_pages_show_every_note_once_while_notes_come_and_go(client: httpx.AsyncClient) -> None:
    """A note that is there throughout is on exactly one page."""
    ids = [(await create(client, f"note {n}")).json()["id"] for n in range(10)]
    seen: list[int] = []
    cursor = None
    while True:
        page = (await client.get(NOTES, params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [item["id"] for item in page["items"]]
        if not seen[3:]:  # between the first two pages
            await client.delete(f"{NOTES}/{ids[0]}")
            await client.delete(f"{NOTES}/{ids[5]}")
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [n for n in ids if n != ids[5]]


async def test_list_has_no_next_page_when_all_is_shown(client: httpx.AsyncClient) -> None:
    """A page that is just full is the last one."""
    for n in range(3):
        await create(client, f"note {n}")
    assert (await client.get(NOTES, params={"limit": 3})).json()["next"] is None


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("limit", "101"), ("limit", "many")])
async def test_list_refuses_a_bad_limit(client: httpx.AsyncClient, name: str, value: str) -> None:
    """422 for a limit that is out of range."""
    assert problem(await client.get(NOTES, params={name: value}))["status"] == 422


@pytest.mark.parametrize("cursor", ["x", "!!!!", "MQ==", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk", "ŕ"])
async def test_list_refuses_a_cursor_that_no_page_had(client: httpx.AsyncClient, cursor: str) -> None:
    """400, whatever was made up."""
    assert problem(await client.get(NOTES, params={"cursor": cursor}))["status"] == 400
