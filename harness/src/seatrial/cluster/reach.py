"""Who reaches whom: connections tried from inside pods, and whether the cluster enforces NetworkPolicies at all."""

import asyncio
import time
from dataclasses import dataclass

from seatrial.cluster import client, resources
from seatrial.cluster.deployment import ClusterDeployment
from seatrial.cluster.exec import execute
from seatrial.errors import ClusterError

CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3).close()
except OSError as error:
    print(type(error).__name__, error)
else:
    print("open")
"""
OPEN, CLOSED = "seatrial-open", "seatrial-closed"
EFFECT_SECONDS = 20.0
"""How long a policy may take to act; two seconds were seen."""


@dataclass(frozen=True)
class Probe:
    """A container from which connections are tried; it takes a Python in its image."""

    deployment: ClusterDeployment
    pod: str
    container: str

    async def reaches(self, host: str, port: int) -> bool:
        """Tell whether a connection opens; what it is met with otherwise does not matter."""
        path = resources.pods(self.deployment.namespace, self.pod)
        command = ("python3", "-c", CONNECT, host, str(port))
        done = await execute(self.deployment.api, path, self.container, command, limit_seconds=30.0)
        if done.returncode:
            raise ClusterError(f"a connection could not be tried from pod {self.pod}: {done.stderr.strip()}")
        return done.stdout.strip() == "open"

    async def is_cut_from(self, host: str, port: int) -> bool:
        """Tell whether no connection opens, once a policy has had its time to act."""
        deadline = time.monotonic() + EFFECT_SECONDS
        while await self.reaches(host, port):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(1.0)
        return True


@dataclass(frozen=True)
class Strangers:
    """Two pods that the overlay knows nothing of; the second is closed to all by a policy of its own."""

    open: Probe
    open_address: str
    closed_address: str

    async def why_not_enforced(self) -> str | None:
        """Return why NetworkPolicies cannot be judged here, None when the cluster enforces them."""
        if not await self.open.reaches(self.open_address, client.PORT):
            return "a pod does not even reach itself"
        if not await self.open.is_cut_from(self.closed_address, client.PORT):
            return "a pod that a policy closes to all is reached all the same: the cluster does not enforce them"
        return None


async def strangers(deployment: ClusterDeployment) -> Strangers:
    """Make the two pods."""
    closed = {"podSelector": {"matchLabels": {client.ROLE: "closed"}}, "policyTypes": ["Ingress"]}
    # For overlays that close the whole namespace: what is not open by itself tells nothing of the others.
    opened = {"podSelector": {"matchLabels": {client.ROLE: "open"}}, "ingress": [{}], "egress": [{}]}
    opened["policyTypes"] = ["Ingress", "Egress"]
    await deployment.apply(
        [
            client.network_policy(CLOSED, deployment.namespace, closed),
            client.network_policy(OPEN, deployment.namespace, opened),
        ]
    )
    addresses = []
    for name, role in ((OPEN, "open"), (CLOSED, "closed")):
        await deployment.create_client(name, {client.ROLE: role})
        pod = await deployment.api.get(resources.pods(deployment.namespace, name))
        addresses.append(pod["status"]["podIP"])
    await _until_listening(deployment, CLOSED)
    return Strangers(Probe(deployment, OPEN, client.CONTAINER), *addresses)


async def _until_listening(deployment: ClusterDeployment, pod: str) -> None:
    """Return when a pod reaches itself, which no policy forbids: else nobody would, policies or none."""
    deadline = time.monotonic() + EFFECT_SECONDS
    while not await Probe(deployment, pod, client.CONTAINER).reaches("127.0.0.1", client.PORT):
        if time.monotonic() > deadline:
            raise ClusterError(f"not within {EFFECT_SECONDS:g} s: pod {pod} listens")
        await asyncio.sleep(0.5)
