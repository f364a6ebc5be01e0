"""A job is waited for: until it has succeeded, has failed too often, or takes too long."""

from dataclasses import dataclass, field

import pytest

from harness.tests.kubelet.test_pod import OneContainer, running
from seatrial.errors import PlayError
from seatrial.kubelet import job
from seatrial.manifests.pods import Container, PodTemplate
from seatrial.timeline import Kind, Timeline


@dataclass
class Ending(OneContainer):
    """A podman whose container has ended with one exit code after the other, a start each."""

    exit_codes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """End for the first time."""
        self.exit(self.exit_codes.pop(0))

    async def start(self, container: str, pod: str) -> None:  # noqa: ARG002 - there is one
        """Start, and end at once."""
        self.state = running()
        self.exit(self.exit_codes.pop(0))


def template(backoff_limit: int) -> PodTemplate:
    """Return the pod of a job."""
    container = Container("migrate", "job-migrate", "image")
    return PodTemplate("job", (container,), restart_policy="Never", backoff_limit=backoff_limit)


async def test_job_that_succeeds_is_done() -> None:
    """It is not started again."""
    timeline = Timeline()
    await job.done(template(0), Ending(exit_codes=[0]), timeline)
    assert len(timeline.of(Kind.RUNNING)) == 1


async def test_job_that_fails_is_tried_again_as_often_as_it_may_fail() -> None:
    """One that waits for its database so succeeds in the end."""
    timeline = Timeline()
    await job.done(template(1), Ending(exit_codes=[3, 0]), timeline)
    assert [each.detail for each in timeline.of(Kind.EXITED)] == ["exit code 3", "exit code 0"]


@pytest.mark.parametrize(("backoff_limit", "exit_codes"), [(0, [3, 0]), (1, [4, 3, 0])])
async def test_job_that_has_failed_too_often_cannot_be_played(backoff_limit: int, exit_codes: list[int]) -> None:
    """The error has its exit code and what it wrote."""
    with pytest.raises(PlayError, match=r"job job: failed \d times; its backoffLimit is \d\n.*\nwhat it wrote") as told:
        await job.done(template(backoff_limit), Ending(exit_codes=exit_codes), Timeline())
    assert told.value.exit_codes == {"migrate": 3}


async def test_job_that_takes_too_long_cannot_be_played() -> None:
    """It has no exit code, and so says nothing of the subject."""
    with pytest.raises(PlayError, match=r"not within 0\.2 s: job job has ended") as told:
        await job.done(template(6), OneContainer(), Timeline(), limit_seconds=0.2)
    assert told.value.exit_codes == {}
