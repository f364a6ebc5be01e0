"""Playing manifests, and saying why when podman cannot."""

from collections.abc import Sequence
from contextlib import suppress

from seatrial.errors import CommandError, PlayError
from seatrial.logs import Log
from seatrial.manifests.pods import PodTemplate
from seatrial.podman.client import Podman


async def play(
    podman: Podman,
    manifests: str,
    templates: Sequence[PodTemplate],
    *,
    limit_seconds: float,
    network: str | None = None,
    replace: bool = False,
    log_bytes: int | None = None,
) -> None:
    """Play a YAML text, of which `templates` are the pods.

    Raises PlayError with podman's words, and the exit codes and logs of the containers that have ended; what podman
    made before it failed is left for its caller to remove.
    """
    try:
        await podman.kube_play(
            manifests, network=network, replace=replace, log_bytes=log_bytes, limit_seconds=limit_seconds
        )
    except CommandError as error:
        exit_codes, seconds, logs = {}, {}, []
        for container in (
            every for template in templates for every in (*template.init_containers, *template.containers)
        ):
            with suppress(CommandError):  # not every container was made
                state = await podman.inspect(container.podman_name)
                if state.status == "exited":
                    exit_codes[container.name] = state.exit_code
                    if state.started_at and state.finished_at:
                        seconds[container.name] = (state.finished_at - state.started_at).total_seconds()
                    text = await podman.logs(container.podman_name)
                    logs.append(Log(container.name, text, note=f"exit code {state.exit_code}"))
        raise PlayError(str(error), exit_codes, seconds, tuple(logs)) from error
