"""A pod of a cluster, which the kubelet probes, restarts and ends: what tests ask of it and do to it."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from seatrial.cluster import resources
from seatrial.cluster.api import Api
from seatrial.cluster.exec import execute
from seatrial.cluster.observer import Observer
from seatrial.cluster.sightings import ended, is_ready
from seatrial.cluster.workload import Workload
from seatrial.command import Completed
from seatrial.errors import ApiError, ClusterError, LimitExceededError, NotReadyError
from seatrial.kubelet.termination import Termination
from seatrial.logs import Log, Logs, rendered
from seatrial.manifests.pods import PodTemplate
from seatrial.timeline import Kind, Timeline
from seatrial.waiting import eventually

SIGKILLED = 137
EXEC_SECONDS = 30.0
KILLING_SECONDS = 5.0
"""How long the kubelet's word that it stops a container is waited for."""
UPDATE_SECONDS = 60.0
"""How long after a grace period the kubelet may take to say how the containers ended."""
STOP = "import os, signal; os.kill(1, signal.SIGINT)"
HOPELESS = ("ErrImageNeverPull", "InvalidImageName")
STUCK = ("ErrImagePull", "ImagePullBackOff", "CreateContainerConfigError")
STUCK_SECONDS = 30.0
"""How long the kubelet may try in vain: a registry fails at times, and its cache of Secrets may be late."""

Json = dict[str, Any]


class ClusterPod:
    """The first pod that a workload had: `name` is its own; it stays this one when it is gone."""

    def __init__(
        self, workload: Workload, observer: Observer, api: Api, namespace: str, check: Callable[[], None]
    ) -> None:
        self.workload = workload
        self._observer = observer
        self._api = api
        self._namespace = namespace
        self._check = check

    @property
    def template(self) -> PodTemplate:
        """Its template; the names in it are podman's."""
        return self.workload.template

    @property
    def timeline(self) -> Timeline:
        """What happened in the namespace."""
        return self._observer.timeline

    @property
    def name(self) -> str:
        """Its name; ClusterError when there is none yet."""
        try:
            return self._observer.leads[self.workload.name]
        except KeyError as error:
            raise ClusterError(f"{self.workload.kind} {self.workload.name} has no pod yet") from error

    @property
    def ready(self) -> bool:
        """Whether it is ready and not being deleted."""
        pod = self._observer.pods.get(self._observer.leads.get(self.workload.name, ""))
        return pod is not None and is_ready(pod) and not pod["metadata"].get("deletionTimestamp")

    @property
    def all_ready(self) -> bool:
        """Whether it and all others of its workload are ready, and their Services' endpoints."""
        pods = self._observer.of(self.workload)
        return self.ready and len(pods) >= self.workload.replicas and all(map(self._serves, pods))

    @property
    def ran_at(self) -> float | None:
        """The moment (monotonic) since which every container of its workload's pods has run, if they have."""
        ran = [self._observer.ran_at.get(each["metadata"]["uid"]) for each in self._observer.of(self.workload)]
        return max((at for at in ran if at is not None), default=None)

    def is_late(self, seconds: float) -> bool:
        """Tell whether a pod of its workload has run for so long, and is not ready: scheduling is not its own time."""
        now = time.monotonic()
        return any(
            now - self._observer.ran_at.get(pod["metadata"]["uid"], now) > seconds and not self._serves(pod)
            for pod in self._observer.of(self.workload)
        )

    @property
    def status(self) -> Json:
        """Its status as it was last seen, be it gone or not."""
        # Gone first: a StatefulSet's next pod has its name.
        pod = self._observer.gone.get(self.name) or self._observer.pods[self.name]
        return pod.get("status") or {}

    @property
    def address(self) -> str:
        """Its address in the cluster."""
        return str(self.status["podIP"])

    def restarts(self, container: str) -> int:
        """Return how often a container was started again."""
        statuses = self.status.get("containerStatuses") or ()
        return next((each["restartCount"] for each in statuses if each["name"] == container), 0)

    async def until_ready(self, limit_seconds: float) -> float:
        """Return the seconds until it and all others of its workload were ready, and their Services' endpoints.

        NotReadyError has the timeline, the logs and the pods' states.
        """
        reason = f"pod {self.name} is ready, and the {self.workload.replicas - 1} others of its workload with it"
        try:
            return await self.until(lambda: self.all_ready, limit_seconds, reason)
        except LimitExceededError as error:
            raise NotReadyError(f"{error}\n{await self.report()}") from error

    async def until(self, predicate: Callable[[], bool], limit_seconds: float, reason: str) -> float:
        """Return the seconds until a predicate held, as `eventually`; ends early when a watch has failed."""

        def checked() -> bool:
            self._check()
            return predicate()

        return await eventually(checked, limit_seconds, reason)

    async def terminate(self, grace_seconds: float | None = None) -> tuple[Termination, ...]:
        """Delete it through the API and return how each container ended, in the template's order.

        The time is from the kubelet's word that it stops a container to its word that it has: up to a second more
        than the process took, and with a preStop hook that hook's, too.
        """
        began = time.monotonic()
        grace = self.template.grace_period_seconds if grace_seconds is None else grace_seconds
        path = resources.pods(self._namespace, self.name)
        uid = (await self._api.get(path))["metadata"]["uid"]
        await self._api.delete(path, gracePeriodSeconds=int(grace), preconditions={"uid": uid})
        # One after the other is as good as together: the timeline has the moments.
        return tuple([await self._end(container.name, began, grace) for container in self.template.containers])

    async def exec(self, command: Sequence[str], container: str | None = None) -> Completed:
        """Run a command in a container, the first if none is named, and return what it left."""
        name = container or self.template.containers[0].name
        path = resources.pods(self._namespace, self.name)
        return await execute(self._api, path, name, command, limit_seconds=EXEC_SECONDS)

    async def kill(self, container: str) -> None:
        """End a container's first process from inside, by SIGINT: the kernel shields it from a SIGKILL sent there.

        It takes a Python in the image.
        """
        try:
            await self.exec(("python3", "-c", STOP), container)
        except ApiError:
            # The connection may end with the container, before it is told that the command did.
            await self.until(
                lambda: bool(self.timeline.of(Kind.EXITED, subject=container)), UPDATE_SECONDS, f"{container} has ended"
            )

    async def logs(self) -> Logs:
        """Return what the containers of all pods of the workload wrote, those of before a restart too."""
        logs = []
        names = [each.name for each in (*self.template.init_containers, *self.template.containers)]
        for pod in dict.fromkeys([self.name, *(each["metadata"]["name"] for each in self._observer.of(self.workload))]):
            for container in names:
                for previous in ("true", "false"):
                    try:
                        path = f"{resources.pods(self._namespace, pod)}/log"
                        text = await self._api.text(path, container=container, previous=previous, tailLines="500")
                    except ApiError:  # it is gone, or has not started or not ended yet
                        continue
                    logs.append(Log(container, text, pod, "before its restart" if previous == "true" else ""))
        return tuple(logs)

    def history(self) -> str:
        """Return the timeline with the events, and the pods' states."""
        states = "\n".join(_state(pod) for pod in self._observer.pods.values())
        return f"--- timeline\n{self.timeline}\n--- pods\n{states}"

    async def report(self) -> str:
        """Return everything that explains a failure: the history and the logs."""
        return f"{self.history()}\n{rendered(await self.logs())}"

    def _serves(self, pod: Json) -> bool:
        return is_ready(pod) and (not self.workload.served or self._observer.in_service(pod["metadata"]["name"]))

    async def _end(self, container: str, began: float, grace_seconds: float) -> Termination:
        def signalled() -> bool:
            return bool(self.timeline.of(Kind.SIGNALLED, subject=container, since=began))

        def terminated() -> Json | None:
            statuses = self.status.get("containerStatuses") or ()
            found = [each for each in statuses if each["name"] == container]
            return (found[0].get("state") or {}).get("terminated") if found else None

        def over() -> bool:
            return terminated() is not None or self.name in self._observer.gone

        try:
            await self.until(lambda: signalled() or over(), KILLING_SECONDS, "the kubelet says that it stops it")
        except LimitExceededError:
            self.timeline.record(Kind.SIGNALLED, container, "no word of the kubelet; this long after the deletion")
        limit = grace_seconds + UPDATE_SECONDS
        try:
            await self.until(over, limit, f"container {container} of pod {self.name}, deleted, has ended")
        except LimitExceededError as error:
            raise LimitExceededError(f"{error}\n{await self.report()}") from error
        state = terminated()
        if state is None:
            raise ClusterError(f"pod {self.name} went without a word of how {container} ended\n{await self.report()}")
        signal = self.timeline.first(Kind.SIGNALLED, container, since=began)
        exited = self.timeline.first(Kind.EXITED, container, since=began)
        seconds = max((exited.at if exited else began) - (signal.at if signal else began), 0.0)
        found = Termination(container, state["exitCode"], seconds, sigkilled=state["exitCode"] == SIGKILLED)
        self.timeline.record(Kind.TERMINATED, container, f"{found}; {ended(state)}")
        return found


class Stuck:
    """Since when things have been stuck."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def lasts(self, name: str, seconds: float, reason: object) -> bool:
        """Tell whether a thing has been stuck for so long; without a reason it is not, and begins anew."""
        if not reason:
            self._since.pop(name, None)
            return False
        return time.monotonic() - self._since.setdefault(name, time.monotonic()) >= seconds


def unstartable(pod: Json, stuck: Stuck) -> tuple[str, dict[str, int]] | None:
    """Return why a pod will not start, with the exit codes of what has ended; None as long as it may.

    An init container is given a second try: it may have waited for what is not there yet.
    """
    status = pod.get("status") or {}
    each_status = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for each in each_status:
        waiting = (each.get("state") or {}).get("waiting") or {}
        name, reason = f"{pod['metadata']['name']}/{each['name']}", waiting.get("reason")
        if stuck.lasts(name, STUCK_SECONDS, reason in STUCK) or reason in HOPELESS:
            return f"container {each['name']}: {reason}: {waiting.get('message', '')}", {}
    for each in status.get("initContainerStatuses") or ():
        state = each.get("state") or {}
        last = state.get("terminated") or ("waiting" in state and (each.get("lastState") or {}).get("terminated"))
        if each.get("restartCount", 0) >= 1 and last and last["exitCode"]:
            return f"init container {each['name']}: {ended(last)}, for the second time", {
                each["name"]: last["exitCode"]
            }
    return None


def _state(pod: Json) -> str:
    status = pod.get("status") or {}
    containers = ", ".join(
        f"{each['name']} {'/'.join(each.get('state') or {})} restarts {each.get('restartCount', 0)}"
        for each in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    )
    where = (pod.get("spec") or {}).get("nodeName", "no node")
    return f"{pod['metadata']['name']}: {status.get('phase')}, ready {is_ready(pod)}, on {where}; {containers}"
