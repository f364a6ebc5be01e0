"""What a pod's status says has happened to its containers since it was last seen, in the timeline's words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from seatrial.timeline import Kind


@dataclass(frozen=True)
class Change:
    """What has happened to a container, or to the pod itself where none is named."""

    kind: Kind
    container: str = ""
    detail: str = ""
    exit_code: int | None = None
    reason: str = ""


@dataclass
class ContainerSighting:
    """One container as it was last seen; the names of its instances are the runtime's ids."""

    instance: str = ""
    started: bool = False
    ready: bool = False
    ended: set[str] = field(default_factory=set)
    backed_off_at: int = -1

    def changes(self, status: dict[str, Any]) -> Iterator[Change]:
        """Take over a container's status, and tell what has changed; what came and went unseen is told, too."""
        name, state = status["name"], status.get("state") or {}
        for terminated in ((status.get("lastState") or {}).get("terminated"), state.get("terminated")):
            if terminated and terminated.get("containerID", "") not in self.ended:
                self.ended.add(terminated.get("containerID", ""))
                if terminated.get("containerID") != self.instance:
                    yield Change(Kind.RUNNING, name)
                self.started = False
                reason = terminated.get("reason", "")
                yield Change(Kind.EXITED, name, ended(terminated), terminated["exitCode"], reason)
        running, restarts = state.get("running"), status.get("restartCount", 0)
        if running and status.get("containerID", "") != self.instance:
            self.instance, self.started = status.get("containerID", ""), False
            yield Change(Kind.RUNNING, name, f"restart {restarts}" if restarts else "")
        if running and status.get("started") and not self.started:
            self.started = True
            yield Change(Kind.STARTED, name)
        if bool(status.get("ready")) != self.ready:
            self.ready = not self.ready
            yield Change(Kind.READY if self.ready else Kind.NOT_READY, name)
        if (state.get("waiting") or {}).get("reason") == "CrashLoopBackOff" and self.backed_off_at != restarts:
            self.backed_off_at = restarts
            yield Change(Kind.BACK_OFF, name, state["waiting"].get("message", ""))


@dataclass
class PodSighting:
    """One pod as it was last seen."""

    deleted: bool = False
    ready: bool = False
    containers: dict[str, ContainerSighting] = field(default_factory=dict)

    def changes(self, pod: dict[str, Any]) -> Iterator[Change]:
        """Take over a pod's state, and tell what has changed; changes of the pod itself have no container's name."""
        metadata, status = pod["metadata"], pod.get("status") or {}
        if metadata.get("deletionTimestamp") and not self.deleted:
            self.deleted = True
            grace = metadata.get("deletionGracePeriodSeconds", 0)
            yield Change(Kind.DELETED, detail=f"grace period {grace} s")
        for each in status.get("initContainerStatuses") or ():
            for change in self.containers.setdefault(each["name"], ContainerSighting()).changes(each):
                if change.kind is Kind.EXITED and change.exit_code != 0:
                    yield change
        for each in status.get("containerStatuses") or ():
            yield from self.containers.setdefault(each["name"], ContainerSighting()).changes(each)
        if is_ready(pod) != self.ready:
            self.ready = not self.ready
            yield Change(Kind.READY if self.ready else Kind.NOT_READY)


def is_ready(pod: dict[str, Any]) -> bool:
    """Tell whether a pod's condition Ready is true."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def has_started(pod: dict[str, Any], containers: int) -> bool:
    """Tell whether every container of a pod has run."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    ran = [each for each in statuses if each["state"].keys() & {"running", "terminated"} or each.get("lastState")]
    return len(ran) == containers


def why_waiting(pod: dict[str, Any]) -> str | None:
    """Return why a pod's containers do not run yet, in the scheduler's or the kubelet's words; None if it is not said.

    What waits between two restarts has run.
    """
    status, name = pod.get("status") or {}, pod["metadata"]["name"]
    for each in status.get("conditions") or ():
        if each["type"] == "PodScheduled" and each["status"] == "False":
            return f"pod {name}: {each.get('reason')}: {each.get('message')}"
    for each in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        waiting = (each.get("state") or {}).get("waiting")
        if waiting and not each.get("lastState"):
            return f"pod {name}, container {each['name']}: {waiting.get('reason')}: {waiting.get('message', '')}"
    return None


def ended(terminated: dict[str, Any]) -> str:
    """Return how a container ended, in words; `reason` only when the exit code does not say as much."""
    reason = terminated.get("reason", "")
    return f"exit code {terminated['exitCode']}" + (f" ({reason})" if reason not in ("", "Error", "Completed") else "")
