"""Eviction: what a node's drain asks of the API, and the disruption budget's answer."""

import asyncio
import time

from seatrial.cluster import resources
from seatrial.cluster.api import NOT_FOUND, TOO_MANY_REQUESTS, Api
from seatrial.errors import ApiError, LimitExceededError

RETRY_SECONDS = 1.0


async def refusal(api: Api, namespace: str, pod: str) -> str | None:
    """Ask for a pod's eviction; return why its disruption budget refuses it, None when the pod is being ended."""
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": namespace}}
    try:
        await api.create(f"{resources.pods(namespace, pod)}/eviction", body)
    except ApiError as error:
        if error.status == TOO_MANY_REQUESTS:
            return str(error)
        if error.status != NOT_FOUND:  # it is gone: as good as evicted
            raise
    return None


async def evict(api: Api, namespace: str, pod: str, limit_seconds: float) -> None:
    """Evict a pod, asking again as long as its budget refuses, as a drain does; the limit's message has its words."""
    deadline = time.monotonic() + limit_seconds
    while refused := await refusal(api, namespace, pod):
        if time.monotonic() > deadline:
            raise LimitExceededError(f"not within {limit_seconds:g} s: pod {pod} may be evicted; {refused}")
        await asyncio.sleep(RETRY_SECONDS)
