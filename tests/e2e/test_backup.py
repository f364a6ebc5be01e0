"""Backup: what the documented commands dump, they restore."""

import pytest

from seatrial.kubelet.deployment import Deployment, deployed, new_run
from seatrial.kubelet.pod import Pod
from seatrial.traffic.clients import hold
from seatrial.traffic.exchange import Request
from tests.docs.commands import KUBERNETES, kubectl
from tests.e2e import notes
from tests.overlays import overlay_path

OVERLAY = overlay_path("podman-postgres")
DUMP = "/tmp/seatrial.dump"  # noqa: S108 - a volume of the database's container
LIMIT_SECONDS = 120.0


def documented(program: str) -> tuple[str, ...]:
    """Return the command that docs/kubernetes.md has `kubectl exec` run in the database's container."""
    (found,) = (
        command[command.index("--") + 1 :]
        for command in kubectl(KUBERNETES.read_text())
        if "exec" in command and program in command
    )
    return found


async def run_in_database(deployment: Deployment, script: str, command: tuple[str, ...]) -> None:
    """Run a command with its input or output redirected, as the document does it outside of the container."""
    (container,) = deployment.component("database").template.containers
    (await deployment.podman.exec(container.podman_name, ("sh", "-c", script, "sh", *command))).check()


async def answer(pod: Pod, request: Request) -> int | None:
    """Return the status of the answer to one request."""
    return (await hold(pod.host_port(notes.PORT), request, for_seconds=0)).status


@pytest.mark.parametrize(("restored", "after"), [(True, 201), (False, 409)], ids=["restored", "not-restored"])
async def test_dump_has_what_was_written_before_it_and_nothing_else(*, restored: bool, after: int) -> None:
    """A title that was taken before the dump is taken, and one that was taken after it is free; only if restored."""
    run, later = new_run(), notes.write()
    async with deployed(OVERLAY, run=run, keep_volumes=True) as first:
        await first.pod.until_ready(LIMIT_SECONDS)
        assert await answer(first.pod, notes.FIXED) == 201
        await run_in_database(first, f'"$@" > {DUMP}', documented("pg_dump"))
        assert await answer(first.pod, later) == 201
        await first.pod.terminate()
        if restored:
            await run_in_database(first, f'"$@" < {DUMP}', documented("pg_restore"))
    async with deployed(OVERLAY, run=run) as second:
        await second.pod.until_ready(LIMIT_SECONDS)
        assert await answer(second.pod, notes.FIXED) == 409
        assert await answer(second.pod, later) == after
