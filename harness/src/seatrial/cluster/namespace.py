"""The namespace of a run: made with Pod Security restricted, found by its label, and removed with all that is in it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from seatrial.cluster import resources
from seatrial.cluster.api import CONFLICT, Api, Json
from seatrial.cluster.owner import Owner
from seatrial.errors import ApiError, ClusterError, LimitExceededError
from seatrial.manifests.isolation import RUN_LABEL
from seatrial.waiting import to_the_end

NAMESPACES = "/api/v1/namespaces"
OWNER = "seatrial.dev/owner"
POD_SECURITY = "pod-security.kubernetes.io/enforce"
REMOVAL_SECONDS = 180.0
ACCOUNT_SECONDS = 60.0
POLL_SECONDS = 0.25


def name_of(run: str) -> str:
    """Return the name of a run's namespace."""
    return f"seatrial-{run}"


async def create(api: Api, run: str) -> None:
    """Make a run's namespace, unless an earlier deployment of the same run has left it for this one.

    When it is interrupted, nothing is left.
    """
    body = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": name_of(run),
            "labels": {RUN_LABEL: run, POD_SECURITY: "restricted"},
            "annotations": {OWNER: str(Owner.of_this_process())},
        },
    }
    try:
        await to_the_end(api.create(NAMESPACES, body))
    except asyncio.CancelledError:
        await to_the_end(remove(api, run))
        raise
    except ApiError as error:
        if error.status != CONFLICT:
            raise
        found = await api.get(f"{NAMESPACES}/{name_of(run)}")
        if found["metadata"].get("labels", {}).get(RUN_LABEL) != run or found["metadata"].get("deletionTimestamp"):
            raise ClusterError(f"the namespace {name_of(run)} exists, and is not this run's to use") from error


async def until_usable(api: Api, run: str) -> None:
    """Return when pods can be made in a run's namespace: a controller has yet to make its service account."""
    deadline = time.monotonic() + ACCOUNT_SECONDS
    while not await api.find(resources.core(name_of(run), "serviceaccounts", "default")):
        if time.monotonic() > deadline:
            raise LimitExceededError(
                f"not within {ACCOUNT_SECONDS:g} s: the namespace {name_of(run)} has its default service account, "
                "without which it takes no pods"
            )
        await asyncio.sleep(POLL_SECONDS)


async def empty(api: Api, run: str, paths: list[str]) -> None:
    """Delete these objects of a run and every pod, at once, and return when the pods are gone; the rest stays."""
    for path in paths:
        # In the foreground, for a ReplicaSet that is not being deleted yet would replace the pods.
        await api.delete(path, propagationPolicy="Foreground")

    async def left() -> Json | None:
        for path in paths:
            if found := await api.find(path):
                return found
        found = await api.get(resources.pods(name_of(run)))
        return found if found["items"] else None

    await _until_gone(api, run, left, f"the pods of {name_of(run)} are gone")


async def remove(api: Api, run: str) -> bool:
    """Remove a run's namespace and return when it is gone; return whether there was one.

    Another's of the same name is left alone. Raises LimitExceededError, with what the server says holds it up.
    """
    path = f"{NAMESPACES}/{name_of(run)}"
    found = await api.find(path)
    if not found or (found["metadata"].get("labels") or {}).get(RUN_LABEL) != run:
        return False
    uid = found["metadata"]["uid"]
    try:
        await api.delete(path, preconditions={"uid": uid})
    except ApiError as error:
        if error.status != CONFLICT:  # it is being removed already
            raise

    async def left() -> Json | None:
        found = await api.find(path)
        return found if found and found["metadata"]["uid"] == uid else None

    # The namespace takes no new pods any more, so that none replaces these.
    await _until_gone(api, run, left, f"the namespace {name_of(run)} is gone")
    return True


async def of_runs(api: Api, run: str | None = None) -> dict[str, Owner | None]:
    """Return the runs that have a namespace, or one of them if it has, with their owners."""
    selector = RUN_LABEL if run is None else f"{RUN_LABEL}={run}"
    found = await api.get(NAMESPACES, labelSelector=selector)
    return {
        each["metadata"]["labels"][RUN_LABEL]: Owner.parse((each["metadata"].get("annotations") or {}).get(OWNER, ""))
        for each in found["items"]
        if each["metadata"]["name"] == name_of(each["metadata"]["labels"][RUN_LABEL])
    }


async def remove_or_tell(api: Api, run: str, tell: Callable[[str], None]) -> bool:
    """Remove a run's namespace to the end, or tell why that is not done, which is no reason to stop; return whether."""
    try:
        await to_the_end(remove(api, run))
    except (ClusterError, LimitExceededError) as error:
        tell(f"{name_of(run)} is not removed: {error}")
        return False
    return True


async def remove_leftovers(api: Api, tell: Callable[[str], None]) -> None:
    """Remove what killed runs have left, and tell; other runs' namespaces are not touched."""
    for run, owner in (await of_runs(api)).items():
        if owner and owner.is_gone() and await remove_or_tell(api, run, tell):
            tell(f"removed {name_of(run)}, which a killed run had left")


async def _until_gone(api: Api, run: str, left: Callable[[], Awaitable[Json | None]], reason: str) -> None:
    deadline = time.monotonic() + REMOVAL_SECONDS
    while found := await left():
        if time.monotonic() > deadline:
            raise LimitExceededError(f"not within {REMOVAL_SECONDS:g} s: {reason}; {_held_up(found)}")
        # At once, whatever their grace period: the run is over.
        await api.delete(resources.pods(name_of(run)), gracePeriodSeconds=0)
        await asyncio.sleep(POLL_SECONDS)


def _held_up(found: Json) -> str:
    """Return what the server says of why a namespace, or a collection's objects, are still there."""
    if "items" in found:
        return "still there: " + ", ".join(each["metadata"]["name"] for each in found["items"])
    conditions = (found.get("status") or {}).get("conditions") or ()
    told = [f"{each['type']}: {each.get('message', '')}" for each in conditions if each.get("status") == "True"]
    finalizers = found["metadata"].get("finalizers") or (found.get("spec") or {}).get("finalizers") or ()
    return "; ".join(told) or f"the server does not say why; finalizers: {', '.join(finalizers) or 'none'}"
