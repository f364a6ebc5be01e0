"""The simulated API server: those of the Kubernetes API's paths that the harness uses, on a port of this machine."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from harness.tests.cluster.simulation import streams
from harness.tests.cluster.simulation.admission import undeclared
from harness.tests.cluster.simulation.cluster import Cluster
from harness.tests.cluster.simulation.store import Json
from seatrial.host.ports import HOST
from seatrial.waiting import eventually

VERSION = "v1.36.0"
TOKEN = "the token of the simulation's kubeconfig"  # noqa: S105 - nobody's
RESOURCES = {
    "v1": {
        "Namespace": "namespaces",
        "Pod": "pods",
        "Service": "services",
        "ServiceAccount": "serviceaccounts",
        "ConfigMap": "configmaps",
        "Secret": "secrets",
        "PersistentVolumeClaim": "persistentvolumeclaims",
        "Event": "events",
    },
    "apps/v1": {
        "Deployment": "deployments",
        "StatefulSet": "statefulsets",
        "DaemonSet": "daemonsets",
        "ReplicaSet": "replicasets",
    },
    "batch/v1": {"Job": "jobs"},
    "policy/v1": {"PodDisruptionBudget": "poddisruptionbudgets"},
    "networking.k8s.io/v1": {"NetworkPolicy": "networkpolicies"},
    "discovery.k8s.io/v1": {"EndpointSlice": "endpointslices"},
    "rbac.authorization.k8s.io/v1": {"ClusterRole": "clusterroles"},
}
UNSPACED = ("Namespace", "ClusterRole")


class ApiServer:
    """The paths of one cluster; `refuse` maps a method and the end of a path to the status it is refused with."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.refuse: dict[tuple[str, str], int] = {}
        self.app = Starlette(
            routes=[
                Route("/version/", lambda _: JSONResponse({"gitVersion": VERSION})),
                Route("/api/v1", self._discovery),
                Route("/apis/{group}/{version}", self._discovery),
                WebSocketRoute("/api/v1/namespaces/{namespace}/pods/{pod}/exec", self._exec),
                WebSocketRoute("/api/v1/namespaces/{namespace}/pods/{pod}/portforward", streams.forward),
                Route("/{path:path}", self._answer, methods=["GET", "POST", "PATCH", "DELETE"]),
            ]
        )

    async def _exec(self, socket: WebSocket) -> None:
        pod = self.cluster.store.objects.get(socket.url.path.removesuffix("/exec"))
        if pod is None:
            await socket.close()
        else:
            await streams.execute(socket)

    async def _discovery(self, request: Request) -> Response:
        group_version = request.url.path.removeprefix("/apis/").removeprefix("/api/")
        if group_version not in RESOURCES:
            return _status(404, "the server could not find the requested resource")
        kinds = RESOURCES[group_version]
        listed = [{"kind": kind, "name": name, "namespaced": kind not in UNSPACED} for kind, name in kinds.items()]
        return JSONResponse(
            {"resources": [*listed, {"kind": "Scale", "name": "deployments/scale", "namespaced": True}]}
        )

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _status(401, "Unauthorized")
        for (method, end), code in self.refuse.items():
            if request.method == method and path.endswith(end):
                return _status(code, f"the simulation refuses {method} {end}")
        body = json.loads(await request.body() or b"null")
        match request.method:
            case "GET":
                return self._get(path, request)
            case "POST":
                return await self._post(path, body)
            case "PATCH":
                assert request.headers["content-type"] == "application/apply-patch+yaml"
                assert request.query_params["fieldManager"]
                return await self._patch(path, body)
            case _:
                return await self._delete(path, body or {}, collection=_is_collection(path))

    def _get(self, path: str, request: Request) -> Response:
        if path.endswith("/log"):
            return PlainTextResponse(self.cluster.log(path.removesuffix("/log"), request.query_params["container"]))
        if request.query_params.get("watch"):
            return StreamingResponse(self._watch(path, int(request.query_params["resourceVersion"])))
        if _is_collection(path):
            return JSONResponse(self._list(path, request.query_params.get("labelSelector", "")))
        found = self.cluster.store.objects.get(path)
        return JSONResponse(found) if found else _status(404, f"{path} not found")

    async def _post(self, path: str, body: Json) -> Response:
        if path.endswith("/eviction"):
            return await self._evict(path.removesuffix("/eviction"))
        path = f"{path}/{body['metadata']['name']}"
        if path in self.cluster.store.objects:
            return _status(409, f"{path} already exists")
        if body["kind"] == "Pod" and (refused := self.cluster.refusal(path, body["spec"])):
            return _status(403, f'violates PodSecurity "restricted:latest": {refused}')
        return JSONResponse(await self.cluster.put(path, body), 201)

    async def _patch(self, path: str, body: Json) -> Response:
        if unknown := undeclared(body):
            return _status(500, f"failed to create typed patch object: {unknown}: field not declared in schema")
        return JSONResponse(await self.cluster.put(path, body))

    async def _watch(self, path: str, since: int) -> AsyncIterator[bytes]:
        async for change, found in self.cluster.store.watch(path, since):
            yield json.dumps({"type": change, "object": found}).encode() + b"\n"

    def _list(self, path: str, selector: str) -> Json:
        key, _, value = selector.partition("=")
        labelled = [
            (found, (found["metadata"].get("labels") or {}).get(key))
            for _, found in self.cluster.store.collection(path)
        ]
        items = [found for found, label in labelled if not key or (label is not None and value in ("", label))]
        return {"metadata": {"resourceVersion": str(self.cluster.store.version)}, "items": items}

    async def _evict(self, path: str) -> Response:
        if path not in self.cluster.store.objects:
            return _status(404, f"{path} not found")
        if not self.cluster.may_evict(path):
            return _status(429, "Cannot evict pod as it would violate the pod's disruption budget.")
        await self.cluster.delete(path, None)
        return _status(201, "evicted")

    async def _delete(self, path: str, options: Json, *, collection: bool) -> Response:
        paths = [each for each, _ in self.cluster.store.collection(path)] if collection else [path]
        if not collection and path not in self.cluster.store.objects:
            return _status(404, f"{path} not found")
        for each in paths:
            await self.cluster.delete(each, options.get("gracePeriodSeconds"))
        return _status(200, "deleted")


@contextlib.asynccontextmanager
async def serving(server: ApiServer, **tls: Any) -> AsyncIterator[str]:
    """Serve on a free port and yield the URL; `tls` are uvicorn's settings for it."""
    listener = uvicorn.Config(
        server.app,
        host=HOST,
        port=0,
        ws="wsproto",
        log_level="critical",
        timeout_graceful_shutdown=0,
        lifespan="off",
        **tls,
    )
    running = _Server(listener)
    task = asyncio.create_task(running.serve())
    await eventually(lambda: running.started, 10.0, "the simulated API server listens")
    port = running.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://{HOST}:{port}"
    finally:
        running.should_exit = running.force_exit = True
        await task


class _Server(uvicorn.Server):
    """uvicorn without signal handlers: they are pytest's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave them."""
        yield


def _is_collection(path: str) -> bool:
    """Tell a collection's path from an object's: `namespaces/NS/PLURAL` or `namespaces`, against one part more."""
    _, _, after = path.partition("/namespaces/")
    return len(after.split("/")) == 2 if after else True


def _status(code: int, message: str) -> Response:
    kind = {"kind": "Status", "code": code, "message": message}
    return JSONResponse({**kind, "status": "Success" if code < 400 else "Failure"}, code)
