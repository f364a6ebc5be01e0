"""What happens in a namespace, by watches: pods, events, endpoints and Deployments, into one timeline."""

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Any

from seatrial.cluster import resources
from seatrial.cluster.api import Api
from seatrial.cluster.sightings import PodSighting, has_started
from seatrial.cluster.watching import watch
from seatrial.cluster.workload import Workload
from seatrial.timeline import Kind, Timeline

Json = dict[str, Any]

PROBE = re.compile(r"(Startup|Readiness|Liveness) probe (?:failed|errored|warning)[^:]*: ?(.*)", re.DOTALL)
CONTAINER = re.compile(r"spec\.(?:initContainers|containers)\{(.+)\}")
SERVICE_NAME = "kubernetes.io/service-name"


class Observer:
    """A namespace, as its watches last told it; `leads` has the first pod of each workload, the one tests look at.

    `ran_at` has the moment since which every container of a pod has run, by the pod's uid. A lead's containers are
    subjects by their own names, as on podman; other pods' are `POD/CONTAINER`. The kubelet tells of failed attempts
    alone, as events, which it may hold back after 25 of one pod.
    """

    def __init__(self, api: Api, namespace: str, workloads: Sequence[Workload], timeline: Timeline) -> None:
        self.timeline = timeline
        self.pods: dict[str, Json] = {}
        self.gone: dict[str, Json] = {}
        self.deployments: dict[str, Json] = {}
        self.leads: dict[str, str] = {}
        self.ran_at: dict[str, float] = {}
        self._api = api
        self._namespace = namespace
        self._workloads = workloads
        self._sightings: dict[str, PodSighting] = {}
        self._slices: dict[str, dict[tuple[str, str], bool]] = {}
        self._in_service: dict[tuple[str, str], bool] = {}
        self._counts: dict[str, int] = {}
        self._conditions: dict[tuple[str, str], str] = {}

    async def run(self) -> None:
        """Watch for ever."""
        async with asyncio.TaskGroup() as watches:
            watches.create_task(self._watch(resources.pods(self._namespace), self._pod))
            watches.create_task(self._watch(resources.deployments(self._namespace), self._deployment))
            slices = resources.named("discovery.k8s.io/v1", self._namespace, "endpointslices")
            watches.create_task(self._watch(slices, self._slice))
            # Those that are there already are of an earlier deployment of the run.
            watches.create_task(self._watch(resources.core(self._namespace, "events"), self._event, present=False))

    def of(self, workload: Workload) -> list[Json]:
        """Return a workload's pods that have not been deleted, the oldest first."""
        found = [
            pod for pod in self.pods.values() if workload.owns(pod) and not pod["metadata"].get("deletionTimestamp")
        ]
        return sorted(found, key=lambda pod: (pod["metadata"]["creationTimestamp"], pod["metadata"]["name"]))

    def awaited(self, workload: Workload, *, every: bool) -> list[Json | None]:
        """Return the pods that a workload has to have, the first or every one; None is one that it has not yet."""
        if not every:
            return [self.pods.get(self.leads.get(workload.name, ""))]
        pods = self.of(workload)
        return [*pods, *[None] * (workload.replicas - len(pods))]

    def refused(self, workload: Workload) -> str | None:
        """Return why no pod of a workload can be made at all: Pod Security, a quota, a webhook."""
        if self.of(workload):
            return None
        if workload.kind != "Deployment":
            told = self.timeline.of(Kind.EVENT, subject=f"{workload.kind} {workload.name}")
            return next((each.detail for each in reversed(told) if each.reason == "FailedCreate"), None)
        for each in (self.deployments.get(workload.name, {}).get("status") or {}).get("conditions") or ():
            if each["type"] == "ReplicaFailure" and each["status"] == "True":
                return f"{each.get('reason')}: {each.get('message')}"
        return None

    def in_service(self, pod: str) -> bool:
        """Tell whether a pod is a ready endpoint of every Service that selects it, and of one at least."""
        states = [ready for (_, each), ready in self._in_service.items() if each == pod]
        return bool(states) and all(states)

    async def _watch(self, path: str, take: Any, *, present: bool = True) -> None:
        changes = watch(self._api, path, present=present)
        try:
            async for change, found in changes:
                take(change, found)
        finally:
            await changes.aclose()

    def _pod(self, change: str, pod: Json) -> None:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        if change == "DELETED":
            self.pods.pop(name, None)
            self.gone[name] = pod
        else:
            self.pods[name] = pod
        workload = next((each for each in self._workloads if each.owns(pod)), None)
        if workload is None:
            return
        if uid not in self._sightings:
            self._sightings[uid] = PodSighting()
            self.leads.setdefault(workload.name, name)
            detail = f"by {workload.kind} {workload.name}"
            self.timeline.record(Kind.PLAYED, name, detail, workload=workload.name)
        if has_started(pod, len(workload.template.containers)):
            self.ran_at.setdefault(uid, time.monotonic())
        for seen in self._sightings[uid].changes(pod):
            subject = self._subject(name, seen.container)
            self.timeline.record(seen.kind, subject, seen.detail, exit_code=seen.exit_code, reason=seen.reason)
        if change == "DELETED":
            self.timeline.record(Kind.DOWN, name)

    def _subject(self, pod: str, container: str) -> str:
        if not container:
            return pod
        return container if pod in self.leads.values() else f"{pod}/{container}"

    def _event(self, change: str, event: Json) -> None:
        about, uid = event["involvedObject"], event["metadata"]["uid"]
        count = int(event.get("count") or (event.get("series") or {}).get("count") or 1)
        again = count - self._counts.get(uid, 0)
        if change == "DELETED" or again <= 0:
            return
        self._counts[uid] = count
        container = CONTAINER.fullmatch(about.get("fieldPath") or "")
        subject = self._subject(about["name"], container[1] if container else "")
        reason, message = event.get("reason") or "", event.get("message") or ""
        ours = about["kind"] == "Pod" and any(
            each.owns(pod)
            for each in self._workloads
            for pod in (self.pods.get(about["name"]), self.gone.get(about["name"]))
            if pod
        )
        if ours and container and (probe := PROBE.search(message)):
            self.timeline.record(Kind.ATTEMPT_FAILED, f"{subject}/{probe[1].lower()}", probe[2])
        elif ours and container and reason == "Killing":
            if "will be restarted" in message:
                self.timeline.record(Kind.UNHEALTHY, subject, message)
            self.timeline.record(Kind.SIGNALLED, subject, message)
        else:
            of = f"{about['kind']} {about['name']}"
            self.timeline.record(Kind.EVENT, of, f"{reason}: {message}", reason=reason)

    def _slice(self, change: str, found: Json) -> None:
        service = (found["metadata"].get("labels") or {}).get(SERVICE_NAME, "")
        endpoints = (
            {}
            if change == "DELETED"
            else {
                (service, each["targetRef"]["name"]): (each.get("conditions") or {}).get("ready", True) is not False
                for each in found.get("endpoints") or ()
                if (each.get("targetRef") or {}).get("kind") == "Pod"
            }
        )
        self._slices[found["metadata"]["uid"]] = endpoints
        now: dict[tuple[str, str], bool] = {}
        for each in self._slices.values():
            for key, ready in each.items():
                now[key] = now.get(key, False) or ready
        for key in sorted(now.keys() | self._in_service.keys()):
            if now.get(key, False) != self._in_service.get(key, False):
                kind = Kind.IN_SERVICE if now.get(key) else Kind.OUT_OF_SERVICE
                self.timeline.record(kind, key[1], f"Service {key[0]}")
        self._in_service = now

    def _deployment(self, change: str, found: Json) -> None:
        name = found["metadata"]["name"]
        if change == "DELETED":
            self.deployments.pop(name, None)
            return
        self.deployments[name] = found
        for each in (found.get("status") or {}).get("conditions") or ():
            told = f"{each['type']}={each['status']}, {each.get('reason', '')}: {each.get('message', '')}"
            if self._conditions.get((name, each["type"])) != told:
                self._conditions[name, each["type"]] = told
                self.timeline.record(Kind.CONDITION, f"Deployment {name}", told)
