"""The client pod: traffic from inside the cluster, and its outcomes brought back into this machine's time."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from seatrial.cluster import resources, sender
from seatrial.cluster.api import Api
from seatrial.cluster.exec import execute
from seatrial.cluster.shipment import ship, sources
from seatrial.errors import ApiError, ClusterError, LimitExceededError
from seatrial.manifests.isolation import RUN_LABEL
from seatrial.manifests.kustomize import Object
from seatrial.traffic.clients import Client, Traffic
from seatrial.traffic.exchange import Failure, Outcome

NAME = "seatrial-client"
CONTAINER = "client"
ROLE = "seatrial.dev/role"
LABELS = {ROLE: "client"}
"""All that marks the client: no selector of an overlay selects it."""
USER = 65532
PLACING = ("imagePullSecrets", "nodeSelector", "tolerations")
PORT = 8080
"""Where it listens, so that others can try to reach it."""
START_SECONDS = 120.0
FLOW_SECONDS = 90.0
SETTLE = True
"""Whether traffic waits until connections open reliably: a new pod's address takes the cluster a moment to learn."""
SENDER_SECONDS = 3 * 3600.0
END_SECONDS = 60.0
POLL_SECONDS = 0.02

# Reads its own modules, one JSON line, and becomes the sender.
BOOT = """
import io, json, pathlib, sys, tempfile
stdin = io.FileIO(0, closefd=False)
root = tempfile.mkdtemp()
for name, text in json.loads(stdin.readline()).items():
    path = pathlib.Path(root, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
sys.path.insert(0, root)
from seatrial.cluster import sender
sender.main(root)
"""


def manifest(name: str, namespace: str, *, run: str, image: str, labels: dict[str, str], like: Object) -> Object:
    """Return a pod that listens and waits, under Pod Security restricted, in an image that has Python.

    It is pulled, and finds its node, as a pod with the spec `like` does.
    """
    user = (like.get("securityContext") or {}).get("runAsUser") or USER
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {RUN_LABEL: run, **labels}},
        "spec": {
            **{key: like[key] for key in PLACING if key in like},
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": user,
                "runAsGroup": user,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": CONTAINER,
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["python3", "-m", "http.server", str(PORT), "--directory", "/tmp"],  # noqa: S108
                    "resources": {
                        "requests": {"cpu": "50m", "memory": "64Mi"},
                        "limits": {"memory": "256Mi"},
                    },
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                    "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - the pod's own
                }
            ],
            "volumes": [{"name": "tmp", "emptyDir": {}}],
        },
    }


def network_policy(name: str, namespace: str, spec: Object) -> Object:
    """Return a NetworkPolicy."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


async def until_running(api: Api, namespace: str, name: str) -> None:
    """Return when a pod's container runs; ClusterError with its state when it has ended, or never does."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        pod = await api.get(resources.pods(namespace, name))
        states = [each["state"] for each in pod.get("status", {}).get("containerStatuses") or ()]
        if states and "running" in states[0]:
            return
        if states and "terminated" in states[0]:
            raise ClusterError(f"pod {name} does not run: {json.dumps(states[0])}")
        if time.monotonic() > deadline:
            state = json.dumps(states or pod.get("status", {}).get("conditions", []))
            raise LimitExceededError(f"not within {START_SECONDS:g} s: pod {name} runs; {state}")
        await asyncio.sleep(0.25)


class ClientPod:
    """A pod with the sender in it, for as long as the context lasts; the pod itself is its namespace's to remove."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api = api
        self._path = resources.pods(namespace, NAME)
        self._orders = asyncio.Queue[bytes]()
        self._numbers = itertools.count()
        self._traffics: dict[str, RemoteTraffic] = {}
        self._offset_seconds = float("inf")
        self._partial = b""
        self._work: asyncio.Task[None] | None = None
        self.settled = False

    async def __aenter__(self) -> Self:
        """Check that the image has what the sender needs, and start it."""
        has = await execute(self._api, self._path, CONTAINER, ("python3", "-c", "import h11"), limit_seconds=30.0)
        if has.returncode:
            raise ClusterError(f"the image of pod {NAME} has no h11, which traffic needs: {has.stderr.strip()}")
        self._work = asyncio.create_task(self._run(), name=f"sender in {self._path}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the sender: without its stdin it ends."""
        if self._work:
            self._work.cancel()
            await asyncio.wait([self._work])

    def begin(self, traffic: "RemoteTraffic", order: dict[str, Any]) -> str:
        """Have traffic sent, and return the id to stop it by."""
        identity = str(next(self._numbers))
        self._traffics[identity] = traffic
        self._order({"id": identity, **order})
        return identity

    def stop(self, identity: str) -> None:
        """Have no new requests sent."""
        self._order({"id": identity, "stop": True})

    def check(self) -> None:
        """Raise ClusterError when there is no sender any more."""
        if self._work and self._work.done():
            error = None if self._work.cancelled() else self._work.exception()
            raise ClusterError(f"the sender in pod {NAME} has ended: {error or 'it was left'}") from error

    def _order(self, order: dict[str, Any]) -> None:
        self._orders.put_nowait(json.dumps(order).encode() + b"\n")

    async def _run(self) -> None:
        done = await execute(
            self._api,
            self._path,
            CONTAINER,
            ("python3", "-c", BOOT),
            limit_seconds=SENDER_SECONDS,
            stdin=self._stdin(),
            on_stdout=self._heard,
        )
        raise ClusterError(f"exit code {done.returncode}; {done.stderr.strip()[-2000:]}")

    async def _stdin(self) -> AsyncGenerator[bytes, None]:
        yield json.dumps(sources([sender.__name__])).encode() + b"\n"
        while True:
            yield await self._orders.get()

    def _heard(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            told = json.loads(line)
            # The least that was ever seen is the offset and the quickest message's way, a matter of milliseconds.
            self._offset_seconds = min(self._offset_seconds, time.monotonic() - told["now"])
            if told.get("id") in self._traffics:
                self._traffics[told["id"]].heard(told, self._offset_seconds)


class RemoteTraffic(Traffic):
    """Traffic that a client pod sends; its outcomes are in this machine's time."""

    def __init__(
        self,
        client: ClientPod,
        host: str,
        port: int,
        clients: Sequence[Client],
        *,
        timeout_seconds: float = 10.0,
        settle: bool = True,
    ) -> None:
        super().__init__(port, clients, host=host, timeout_seconds=timeout_seconds)
        self._client = client
        self._settle = settle
        self._flowing = asyncio.Event()
        self._ended = asyncio.Event()
        self._error: str | None = None

    async def __aenter__(self) -> Self:
        """Begin to send, and return when the way is open."""
        await super().__aenter__()
        try:
            await self._until_flowing()
            self._client.settled = True
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise
        return self

    def heard(self, told: dict[str, Any], offset_seconds: float) -> None:
        """Take what the sender tells of it."""
        for raw in told.get("outcomes") or ():
            outcome = Outcome(**{**raw, "failure": raw["failure"] and Failure(raw["failure"])})
            sent_at, ended_at = outcome.sent_at + offset_seconds, outcome.ended_at + offset_seconds
            self.outcomes.append(replace(outcome, sent_at=sent_at, ended_at=ended_at))
        if told.get("flowing"):
            self._flowing.set()
        if "ended" in told:
            self._error = told["ended"]
            self._ended.set()

    async def _until_flowing(self) -> None:
        deadline = time.monotonic() + FLOW_SECONDS
        while not self._flowing.is_set():
            if self._work is not None and self._work.done():
                await self._work
            if time.monotonic() > deadline:
                raise LimitExceededError(f"not within {FLOW_SECONDS:g} s: traffic to {self._host}:{self._port} flows")
            await asyncio.sleep(POLL_SECONDS)

    async def _run(self) -> None:
        shipment = ship(self._clients)
        identity = self._client.begin(
            self,
            {
                "host": self._host,
                "port": self._port,
                "timeout_seconds": self._timeout_seconds,
                "settle": self._settle and SETTLE,
                "clients": shipment.clients,
                "files": shipment.files,
            },
        )
        told, deadline = False, float("inf")
        try:
            while not self._ended.is_set():
                self._client.check()
                if self.stopping.is_set() and not told:
                    told, deadline = True, time.monotonic() + END_SECONDS
                    self._client.stop(identity)
                if time.monotonic() > deadline:
                    raise LimitExceededError(f"not within {END_SECONDS:g} s: traffic to {self._host} has ended")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._ended.wait()
        finally:
            if not told and not self._ended.is_set():
                self._client.stop(identity)
        if self._error:
            raise ClusterError(f"traffic to {self._host}:{self._port} failed: {self._error}")


async def once(client: ClientPod, host: str, port: int, clients: Sequence[Client], timeout_seconds: float) -> Outcome:
    """Have the one request of clients sent that end of themselves, and return its outcome."""
    async with RemoteTraffic(
        client, host, port, clients, timeout_seconds=timeout_seconds, settle=not client.settled
    ) as traffic:
        await traffic.wait()
    if len(traffic.outcomes) != 1:
        raise ApiError(f"{len(traffic.outcomes)} outcomes of one request to {host}:{port}")
    return traffic.outcomes[0]
