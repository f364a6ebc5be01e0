"""The Kubernetes API through kr8s: the one module behind which it stands."""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import httpx_ws
import kr8s
import kr8s.asyncio
from kr8s.asyncio.objects import Pod
from kr8s.asyncio.portforward import PortForward

from seatrial.cluster.kubeconfig import Context
from seatrial.errors import ApiError, ClusterError

FIELD_MANAGER = "seatrial-harness"
CALL_SECONDS = 30.0
RETRIES = 2
RETRY_SECONDS, RETRY_LIMIT_SECONDS = 1.0, 10.0
BUSY = (429, 503, 504)
CONFLICT, GONE, NOT_FOUND, TOO_MANY_REQUESTS = 409, 410, 404, 429

Json = dict[str, Any]


class Api:
    """One API server, by one context. Every call has a limit; what it refuses raises ApiError with its own words."""

    def __init__(self, client: kr8s.asyncio.Api, context: Context, version: str) -> None:
        self.context = context
        self.version = version
        self._client = client

    async def get(self, path: str, **parameters: str) -> Json:
        """Return what is at a path, such as `/api/v1/namespaces/default`."""
        return await self._call("GET", path, params=parameters)

    async def find(self, path: str) -> Json | None:
        """Return what is at a path, or None."""
        try:
            return await self.get(path)
        except ApiError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    async def text(self, path: str, **parameters: str) -> str:
        """Return the text at a path: a log."""
        async with _errors(f"GET {path}"):
            return (await self._request("GET", path, params=parameters)).text

    async def create(self, path: str, body: Json) -> Json:
        """Create an object, or ask a subresource to act."""
        return await self._call("POST", path, content=json.dumps(body))

    async def apply(self, path: str, body: Json) -> Json:
        """Apply an object by server-side apply, as `kubectl apply --server-side --force-conflicts` does."""
        parameters = {"fieldManager": FIELD_MANAGER, "force": "true"}
        # Every JSON text is a YAML text, too.
        headers = {"Content-Type": "application/apply-patch+yaml"}
        return await self._call("PATCH", path, params=parameters, content=json.dumps(body), headers=headers)

    async def delete(self, path: str, **options: Any) -> bool:
        """Delete what is at a path, an object or a collection; return whether there was anything."""
        body = {"apiVersion": "v1", "kind": "DeleteOptions", **options}
        try:
            await self._call("DELETE", path, content=json.dumps(body))
        except ApiError as error:
            if error.status == NOT_FOUND:
                return False
            raise
        return True

    async def lines(self, path: str, limit_seconds: float, **parameters: str) -> AsyncGenerator[str, None]:
        """Yield the lines of an answer that goes on, as a watch's does, until the server or the limit ends it.

        The first is empty: it has begun.
        """
        async with _errors(f"GET {path}"), contextlib.AsyncExitStack() as stack:
            # Beyond the server's own limit: a connection that has died without a word ends, too.
            deadline = asyncio.get_running_loop().time() + limit_seconds
            opening = self._client.call_api("GET", **_split(path), params=parameters, stream=True)
            async with asyncio.timeout(CALL_SECONDS):
                response = await stack.enter_async_context(opening)
            yield ""
            stream = response.aiter_lines()
            try:
                while True:
                    async with asyncio.timeout_at(deadline):
                        line = await anext(stream)
                    yield line
            except (StopAsyncIteration, TimeoutError):
                return
            finally:
                await stream.aclose()  # type: ignore[attr-defined]  # it is a generator

    @contextlib.asynccontextmanager
    async def websocket(self, path: str, protocol: str, parameters: Mapping[str, Any]) -> AsyncIterator["WebSocket"]:
        """Open a WebSocket, such as an exec's, that speaks this subprotocol."""
        opening = self._client.open_websocket(
            **_split(path),
            params=dict(parameters),
            subprotocols=(protocol,),
            # Its owner's limits tell when it is dead; not every server's side answers pings while it is busy.
            keepalive_ping_interval_seconds=None,
            max_message_size_bytes=2**24,
        )
        async with _errors(f"WebSocket {path}"), contextlib.AsyncExitStack() as stack:
            async with asyncio.timeout(CALL_SECONDS):
                session = await stack.enter_async_context(opening)
            yield WebSocket(session, spoken=session.subprotocol == protocol)

    @contextlib.asynccontextmanager
    async def forwarded(self, namespace: str, pod: str, port: int) -> AsyncIterator[int]:
        """Forward a port of this machine to a pod's, and yield it."""
        resource = {"metadata": {"name": pod, "namespace": namespace}}
        async with contextlib.AsyncExitStack() as stack:
            async with _errors(f"port-forward to {pod}:{port}"):
                forward = PortForward(Pod(resource, api=self._client), port, local_port="auto")
                local_port: int = await stack.enter_async_context(forward)
            yield local_port

    async def _call(self, method: str, path: str, **options: Any) -> Json:
        async with _errors(f"{method} {path}"):
            answer: Json = (await self._request(method, path, **options)).json()
            return answer

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; what may be sent twice is sent again to a server that is busy or restarting."""
        left = 0 if method == "POST" else RETRIES
        while True:
            try:
                call = self._client.call_api(method, **_split(path), **options)
                async with asyncio.timeout(CALL_SECONDS), call as response:
                    return response
            except (kr8s.ServerError, httpx.TransportError) as error:
                answer = getattr(error, "response", None)
                if not left or (answer is not None and answer.status_code not in BUSY):
                    raise
                after = "" if answer is None else answer.headers.get("retry-after", "")
            left -= 1
            await asyncio.sleep(min(float(after), RETRY_LIMIT_SECONDS) if after.isdecimal() else RETRY_SECONDS)


class WebSocket:
    """Messages in both directions; `spoken` tells whether the server agreed to the subprotocol.

    Nothing is raised in here but by cancellation: kr8s's context would swallow it, or wrap it in a group.
    """

    def __init__(self, session: httpx_ws.AsyncWebSocketSession, *, spoken: bool) -> None:
        self.spoken = spoken
        self.error = ""
        self._session = session

    async def receive(self) -> bytes | None:
        """Return the next message, None when there are no more; `error` says why, if it was not the plain end."""
        try:
            return await self._session.receive_bytes()
        except httpx_ws.HTTPXWSException as error:
            self.error = f"{type(error).__name__} {error}".strip()
            return None

    async def send(self, message: bytes) -> None:
        """Send a message, unless the connection is closed."""
        try:
            await self._session.send_bytes(message)
        except httpx_ws.HTTPXWSException as error:
            self.error = f"{type(error).__name__} {error}".strip()


@contextlib.asynccontextmanager
async def connected(context: Context) -> AsyncIterator[Api]:
    """Connect to a context's API server for as long as the context lasts; ClusterError when it cannot be reached."""
    with tempfile.TemporaryDirectory(prefix="seatrial-") as directory:
        configuration: Any = context.configuration(Path(directory))
        # Not by kr8s.asyncio.api(): what that hands out is shared, and the first to close it would close it for all.
        client = kr8s.asyncio.Api(kubeconfig=configuration, context=context.name, bypass_factory=True)
        try:
            async with _errors(f"connecting to {context.server}"), asyncio.timeout(CALL_SECONDS):
                # Not the client itself: it would warn of servers newer than those it names. What is used of it is
                # plain HTTP, and the API that is spoken is stable.
                await client.auth
                version = (await client.version())["gitVersion"]
            yield Api(client, context, version)
        finally:
            if client._session:  # noqa: SLF001 - kr8s has no way to close it
                await client._session.aclose()  # noqa: SLF001


@contextlib.asynccontextmanager
async def _errors(what: str) -> AsyncIterator[None]:
    try:
        yield
    except kr8s.ServerError as error:
        status = error.response.status_code if error.response is not None else None
        raise ApiError(f"{what}: {_message(error)}", status) from error
    except TimeoutError as error:
        raise ApiError(f"{what}: no answer within {CALL_SECONDS:g} s") from error
    except httpx_ws.WebSocketUpgradeError as error:
        raise ApiError(f"{what}: refused with {error.response.status_code}", error.response.status_code) from error
    except (
        OSError,
        LookupError,  # an answer that is no Kubernetes API's
        RuntimeError,  # a session that was closed meanwhile: kr8s makes another when it authenticates anew
        ValueError,
        httpx.HTTPError,
        httpx_ws.HTTPXWSException,
        kr8s.APITimeoutError,
        kr8s.ConnectionClosedError,
    ) as error:
        raise ApiError(f"{what}: {type(error).__name__}: {error}") from error


def _message(error: kr8s.ServerError) -> str:
    """Return the server's own words, which kr8s drops from 500 on: server-side apply refuses with 500."""
    try:
        return str(error.response.json()["message"]) if error.response is not None else str(error)
    except (LookupError, TypeError, ValueError):  # it is not the API server's
        return str(error)


def _split(path: str) -> dict[str, Any]:
    """Return what kr8s puts together again: a base, no version, and the rest of the path."""
    root, _, rest = path.removeprefix("/").partition("/")
    if root not in ("api", "apis"):
        raise ClusterError(f"{path} is no path of the Kubernetes API")
    return {"base": f"/{root}", "version": "", "url": rest}
