"""Commands in a pod's container, by the exec subresource's WebSocket (remotecommand, v5.channel.k8s.io)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence

from seatrial.cluster.api import Api, WebSocket
from seatrial.command import Command, Completed
from seatrial.errors import ApiError

PROTOCOL = "v5.channel.k8s.io"
"""The one that can close stdin; Kubernetes 1.30 and later speak it."""
STDIN, STDOUT, STDERR, ERROR, CLOSE = 0, 1, 2, 3, 255
PIECE_BYTES = 16 * 1024


async def execute(
    api: Api,
    pod_path: str,
    container: str,
    command: Sequence[str],
    *,
    limit_seconds: float,
    stdin: AsyncIterator[bytes] | None = None,
    on_stdout: Callable[[bytes], None] | None = None,
) -> Completed:
    """Run a command in a container to its end and return what it left, whatever its exit code.

    `on_stdout` hears what it writes as it comes, in place of the result; stdin is closed when its iterator ends.
    Raises ApiError when it does not end within its limit, or when the connection ends before it.
    """
    began = time.monotonic()
    output = {STDOUT: bytearray(), STDERR: bytearray()}
    parameters = {
        "command": list(command),
        "container": container,
        "stdin": "true" if stdin else "false",
        "stdout": "true",
        "stderr": "true",
    }
    exit_code: int | str | None = None
    async with api.websocket(f"{pod_path}/exec", PROTOCOL, parameters) as socket:
        sending = asyncio.create_task(_send(socket, stdin)) if stdin and socket.spoken else None
        try:
            async with asyncio.timeout(limit_seconds):
                while exit_code is None and socket.spoken and (message := await socket.receive()) is not None:
                    channel, data = message[0] if message else CLOSE, message[1:]
                    if channel == ERROR and data:
                        exit_code = _exit_code(data)
                    elif channel == STDOUT and on_stdout:
                        on_stdout(data)
                    elif channel in output:
                        output[channel] += data
        except TimeoutError:
            exit_code = f"it did not end within {limit_seconds:g} s"
        finally:
            if sending:
                sending.cancel()
                await asyncio.wait([sending])
    what = f"exec of {command[0]} in {pod_path}, container {container}"
    if not socket.spoken:
        raise ApiError(f"{what}: the server does not speak {PROTOCOL}, which Kubernetes 1.30 and later do")
    if exit_code is None:
        raise ApiError(f"{what}: the connection ended before the command did {socket.error}".rstrip())
    if isinstance(exit_code, str):
        raise ApiError(f"{what}: {exit_code}")
    described = Command(("exec", container, *command), limit_seconds)
    stdout, stderr = (output[channel].decode(errors="replace") for channel in (STDOUT, STDERR))
    return Completed(described, exit_code, stdout, stderr, time.monotonic() - began)


async def _send(socket: WebSocket, stdin: AsyncIterator[bytes]) -> None:
    async for data in stdin:
        for at in range(0, len(data), PIECE_BYTES):
            await socket.send(bytes([STDIN]) + data[at : at + PIECE_BYTES])
    await socket.send(bytes([CLOSE, STDIN]))


def _exit_code(status: bytes) -> int | str:
    """Return the exit code that a Status tells, or why there is none."""
    match json.loads(status):
        case {"status": "Success"}:
            return 0
        case {"details": {"causes": [*causes]}} if codes := [
            cause["message"] for cause in causes if cause.get("reason") == "ExitCode"
        ]:
            return int(codes[0])
        case other:
            return str(other.get("message") or other)
