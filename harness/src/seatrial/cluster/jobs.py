"""Jobs on a cluster: when one is done, and what is told of one that is not."""

import asyncio
import time

from seatrial.cluster import resources
from seatrial.cluster.api import Api, Json
from seatrial.cluster.observer import Observer
from seatrial.cluster.sightings import why_waiting
from seatrial.cluster.workload import Workload
from seatrial.errors import LimitExceededError, PlayError

DONE_SECONDS = 300.0
"""How long a Job may take, its images and its further tries included."""
POLL_SECONDS = 0.25


async def until_done(api: Api, namespace: str, observer: Observer, job: Workload) -> None:
    """Return when a Job is complete; PlayError, with its containers' exit codes, when it has failed."""
    path = resources.named("batch/v1", namespace, "jobs", job.name)
    deadline = time.monotonic() + DONE_SECONDS
    while True:
        conditions = ((await api.get(path)).get("status") or {}).get("conditions") or ()
        found = {each["type"]: each.get("message", "") for each in conditions if each["status"] == "True"}
        if "Complete" in found:
            return
        if "Failed" in found:
            raise PlayError(f"Job {job.name}: {found['Failed']}", _exit_codes(observer.of(job)))
        if time.monotonic() > deadline:
            why = [each for pod in observer.of(job) if (each := why_waiting(pod))]
            raise LimitExceededError("; ".join([f"not within {DONE_SECONDS:g} s: Job {job.name} is complete", *why]))
        await asyncio.sleep(POLL_SECONDS)


def _exit_codes(pods: list[Json]) -> dict[str, int]:
    """Return how those containers ended that have failed."""
    ended = [
        (each["name"], (each.get("state") or {}).get("terminated") or (each.get("lastState") or {}).get("terminated"))
        for pod in pods
        for key in ("initContainerStatuses", "containerStatuses")
        for each in (pod.get("status") or {}).get(key) or ()
    ]
    return {name: state["exitCode"] for name, state in ended if state and state["exitCode"]}
