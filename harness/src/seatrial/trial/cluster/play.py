"""Playing the subject on a cluster for one scenario: deployed, ready, sent to, and ended."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from seatrial.cluster import client
from seatrial.cluster.deployment import START_SECONDS, ClusterDeployment
from seatrial.cluster.lead import Lead
from seatrial.cluster.pod import ClusterPod
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import ManifestError
from seatrial.manifests.isolation import Settings
from seatrial.timeline import Kind
from seatrial.traffic.clients import Client, KeepAlive, NewConnection
from seatrial.traffic.exchange import Outcome, Request
from seatrial.trial import load as loading
from seatrial.trial.cluster.always import Always
from seatrial.trial.stage import UNPROMISED_SECONDS, Stage, ready_budget_seconds

CONNECTIONS = 20
"""So many that some lead to each pod of a Service."""
CLUSTER_SECONDS = 30.0
"""What the cluster may take to say what has happened, beyond what the probes allow: the kubelet keeps to those."""


@dataclass(frozen=True)
class OnCluster:
    """The subject as it was deployed for a scenario; `pod` is the first of its pods."""

    deployment: ClusterDeployment
    stage: Stage

    @property
    def pod(self) -> ClusterPod:
        """The pod that is looked at."""
        return self.deployment.pod

    @property
    def port(self) -> int:
        """The port that the subject serves on."""
        if self.stage.subject.port is None:
            raise ManifestError(f"{self.stage.subject.name} has no port")
        return self.stage.subject.port

    @property
    def outside(self) -> bool:
        """Whether nothing can be sent from inside the cluster: a forwarded port ends with its pod."""
        return bool(self.deployment.timeline.of(Kind.SKIPPED, subject=client.NAME))

    async def until_ready(self) -> float | None:
        """Return the moment (monotonic) at which all pods were ready and in service; None if one of them was late.

        Each has its time from when it has run. LimitExceededError when one never runs: that is the cluster's doing.
        """
        promised = ready_budget_seconds(self.stage.subject) or UNPROMISED_SECONDS
        limit, pod = promised + CLUSTER_SECONDS + self.stage.machine.allowance_seconds, self.pod
        await pod.until(lambda: pod.all_ready or pod.is_late(limit), START_SECONDS + limit, "every pod has run")
        return time.monotonic() if pod.all_ready else None

    async def load(self) -> loading.Load | None:
        """Return what to send, found by asking the pod; None when it serves no HTTP."""

        async def ask(request: Request) -> Outcome:
            return await self.deployment.hold(self.pod, self.port, request, for_seconds=0.0)

        return await loading.chosen(self.stage.subject, ask)


@asynccontextmanager
async def deployed(runtime: ClusterRuntime, stage: Stage, settings: Settings | None = None) -> AsyncIterator[OnCluster]:
    """Deploy the subject in a namespace of its own for as long as the context lasts."""
    subject = stage.subject
    lead = Lead(subject.name, subject.container.name, tuple(each["metadata"]["name"] for each in subject.dependencies))
    async with runtime.deployed(subject.objects, lead=lead, settings=settings) as deployment:
        stage.timeline = deployment.timeline
        yield OnCluster(deployment, stage)


def clients(load: loading.Load) -> list[Client]:
    """Return the ways of sending: kept connections, new ones, slow readers and slow uploads."""
    quick = Always(load.quick)
    slow_rate, seconds = loading.SLOW_RATE, loading.SLOW_SECONDS
    found: list[Client] = [
        KeepAlive(quick, loading.KEEP_ALIVE_RATE, CONNECTIONS),
        NewConnection(quick, loading.NEW_CONNECTION_RATE),
        NewConnection(quick, slow_rate, answer_seconds=seconds, name="slow reader"),
    ]
    if load.slow:
        found.append(NewConnection(Always(load.slow), slow_rate, body_seconds=seconds, name="slow upload"))
    return found
