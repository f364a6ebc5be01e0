"""Watches of a simulated cluster, through the real kr8s: resumed when they end, begun anew when history is gone."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import Response

from harness.tests.cluster.simulation.cluster import Cluster
from harness.tests.cluster.simulation.server import ApiServer
from seatrial.cluster import api as calling
from seatrial.cluster import watching
from seatrial.cluster.api import Api, connected
from seatrial.cluster.kubeconfig import Context
from seatrial.cluster.watching import watch
from seatrial.errors import ApiError
from seatrial.waiting import eventually

PODS = "/api/v1/namespaces/one/pods"
Seen = list[tuple[str, str]]


@pytest.fixture
async def api(context: Context) -> AsyncIterator[Api]:
    """Yield the API."""
    async with connected(context) as found:
        yield found


async def collect(api: Api, seen: Seen, *, present: bool = True) -> None:
    """Keep what a watch tells."""
    async for change, pod in watch(api, PODS, present=present):
        seen.append((change, pod["metadata"]["name"]))


async def told(seen: Seen, count: int) -> Seen:
    """Return what was told once it is as much."""
    await eventually(lambda: len(seen) >= count, 10.0, f"{count} changes are told")
    return seen


@pytest.fixture
async def seen(api: Api, cluster: Cluster) -> AsyncIterator[Seen]:
    """Yield what a watch of pods tells; one is there already."""
    await cluster.store.put(f"{PODS}/first", {"metadata": {"name": "first"}})
    found: Seen = []
    task = asyncio.create_task(collect(api, found))
    await told(found, 1)
    yield found
    task.cancel()
    await asyncio.wait([task])


async def test_watch_tells_what_is_there_and_then_what_changes(seen: Seen, cluster: Cluster) -> None:
    """Added, modified, deleted."""
    await cluster.store.put(f"{PODS}/second", {"metadata": {"name": "second"}})
    await cluster.store.put(f"{PODS}/second", {"metadata": {"name": "second"}, "spec": {}})
    await cluster.store.remove(f"{PODS}/second")
    assert await told(seen, 4) == [
        ("ADDED", "first"),
        ("ADDED", "second"),
        ("MODIFIED", "second"),
        ("DELETED", "second"),
    ]


async def test_watch_begins_anew_when_its_history_is_gone_and_tells_what_it_missed(
    seen: Seen, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """410 Gone: what was deleted meanwhile is deleted, what was added is added, and nothing is told twice."""
    monkeypatch.setattr(watching, "RETRY_SECONDS", 0.05)
    cluster.store.objects.pop(f"{PODS}/first")  # unseen
    await cluster.store.forget()
    await cluster.store.put(f"{PODS}/second", {"metadata": {"name": "second"}})
    assert sorted(await told(seen, 3)) == [("ADDED", "first"), ("ADDED", "second"), ("DELETED", "first")]


async def test_watch_leaves_out_what_is_there_when_told_to(api: Api, cluster: Cluster) -> None:
    """Only what comes afterwards."""
    await cluster.store.put(f"{PODS}/first", {"metadata": {"name": "first"}})
    found: Seen = []
    task = asyncio.create_task(collect(api, found, present=False))
    await asyncio.sleep(0.2)  # for the listing, of which nothing is to be told
    await cluster.store.put(f"{PODS}/second", {"metadata": {"name": "second"}})
    assert await told(found, 1) == [("ADDED", "second")]
    task.cancel()


async def test_quiet_watch_that_is_cut_now_and_then_goes_on(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy's limit for what is idle is no refusal; a watch that is cut at once is one, after a few tries."""
    monkeypatch.setattr(watching, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(watching, "OPEN_SECONDS", 0.05)
    opened: list[float] = []

    async def cut(*_: object, **__: str) -> AsyncGenerator[str, None]:
        yield ""
        opened.append(0.0)
        if len(opened) <= 2 * watching.FAILURES:
            await asyncio.sleep(0.06)
        raise ApiError("it was cut")

    monkeypatch.setattr(api, "lines", cut)
    with pytest.raises(ApiError):
        await collect(api, [])
    assert len(opened) == 3 * watching.FAILURES - 1


async def test_connection_that_does_not_open_ends_at_the_limit(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """kr8s itself would wait for ever: for a watch, and for an exec."""
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.1)

    @contextlib.asynccontextmanager
    async def never(*_: object, **__: object) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(api._client, "call_api", never)  # noqa: SLF001
    monkeypatch.setattr(api._client, "open_websocket", never)  # noqa: SLF001
    async with asyncio.timeout(5.0):
        with pytest.raises(ApiError, match=r"no answer within 0\.1 s"):
            await anext(api.lines(PODS, 60.0))
        with pytest.raises(ApiError, match=r"no answer within 0\.1 s"):
            async with api.websocket(PODS, "any", {}):
                pass


@pytest.mark.parametrize(("refusals", "status"), [(2, None), (3, 503)])
async def test_server_that_is_busy_is_asked_again(
    api: Api, server: ApiServer, monkeypatch: pytest.MonkeyPatch, refusals: int, status: int | None
) -> None:
    """After the seconds that it tells; twice."""
    asked: list[str] = []
    get = server._get  # noqa: SLF001

    def busy(path: str, request: Request) -> Response:
        asked.append(path)
        if len(asked) <= refusals:
            return Response("{}", 503, {"Retry-After": "0"})
        return get(path, request)

    monkeypatch.setattr(server, "_get", busy)
    if status is None:
        assert (await api.get(PODS))["items"] == []
    else:
        with pytest.raises(ApiError) as caught:
            await api.get(PODS)
        assert caught.value.status == status
    assert len(asked) == 3


async def test_watch_that_the_server_goes_on_refusing_is_an_error(
    api: Api, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the server's words, after a few tries."""
    monkeypatch.setattr(watching, "RETRY_SECONDS", 0.01)
    server.refuse["GET", "/pods"] = 500
    with pytest.raises(ApiError, match=f"GET {PODS}"):
        await collect(api, [])
