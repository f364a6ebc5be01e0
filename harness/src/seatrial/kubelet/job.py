"""A Job, played to its end before what comes after it."""

from seatrial.errors import LimitExceededError, PlayError
from seatrial.kubelet.pod import Pod
from seatrial.manifests.pods import PodTemplate
from seatrial.podman.client import Podman
from seatrial.timeline import Timeline

LIMIT_SECONDS = 120.0


async def done(template: PodTemplate, podman: Podman, timeline: Timeline, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Wait until all containers of a played job have succeeded, each started again when it fails.

    Raises PlayError, with their exit codes and logs, when they have failed more often than the job allows, or when it
    takes too long.
    """
    allowed = template.backoff_limit or 0
    async with Pod(template, podman, timeline) as pod:

        def has_ended() -> bool:
            codes = pod.exit_codes.values()
            return all(code == 0 for code in codes) or (any(codes) and _failures(pod) > allowed)

        try:
            await pod.until(has_ended, limit_seconds, f"job {template.name} has ended")
            why = f"failed {_failures(pod)} times; its backoffLimit is {allowed}"
        except LimitExceededError as error:
            why = str(error)
        codes = pod.exit_codes
        if any(code != 0 for code in codes.values()):
            failed = {name: code for name, code in codes.items() if code}
            raise PlayError(f"job {template.name}: {why}", failed, logs=await pod.logs())


def _failures(pod: Pod) -> int:
    """Return how often its containers have failed: each restart is after a failure."""
    restarts = sum(pod.restarts(each.name) for each in pod.template.containers)
    return restarts + sum(bool(code) for code in pod.exit_codes.values())
