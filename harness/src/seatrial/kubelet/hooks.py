"""Lifecycle hooks, run as the kubelet runs them (pkg/kubelet/lifecycle/handlers.go); podman runs none."""

import asyncio
from collections.abc import Awaitable, Callable

from seatrial.command import Completed
from seatrial.errors import CommandError
from seatrial.kubelet.attempt import http_get
from seatrial.manifests.probe import Exec, Hook, HttpGet, Sleep


async def run(
    hook: Hook,
    host_port: Callable[[int], int],
    execute: Callable[[tuple[str, ...]], Awaitable[Completed]],
    limit_seconds: float,
) -> str | None:
    """Run a hook to its end, or for so long; return why it failed, None when it did not.

    A command fails by its exit code; a request by having no answer, whatever its status.
    """
    try:
        async with asyncio.timeout(limit_seconds):
            match hook:
                case Sleep(seconds):
                    await asyncio.sleep(seconds)
                case HttpGet() as get:
                    await http_get(get, host_port(get.port))
                case Exec(command):
                    completed = await execute(command)
                    if completed.returncode:
                        words = (completed.stderr or completed.stdout).strip()
                        return (
                            f"exit code {completed.returncode}: {words}"
                            if words
                            else f"exit code {completed.returncode}"
                        )
    except TimeoutError:
        return f"it did not end within {limit_seconds:g} s"
    except (OSError, CommandError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def described(hook: Hook) -> str:
    """Return what a hook does, in a few words."""
    match hook:
        case Sleep(seconds):
            return f"sleep {seconds:g} s"
        case HttpGet(port=port, path=path):
            return f"GET {path} on {port}"
        case Exec(command):
            return f"exec {' '.join(command)}"
