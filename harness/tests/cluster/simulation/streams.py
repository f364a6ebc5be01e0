"""exec and port-forward of the simulation: commands really run, on this machine; ports are this machine's."""

import asyncio
import contextlib
import json
import sys

from starlette.websockets import WebSocket, WebSocketDisconnect

from seatrial.host.ports import HOST

V5 = "v5.channel.k8s.io"


async def execute(socket: WebSocket) -> None:
    """Run a command here, with its streams on the channels, as the kubelet runs it in a container."""
    if V5 not in (socket.scope["subprotocols"] or ()):
        await socket.accept()
        return
    await socket.accept(V5)
    command = socket.query_params.getlist("command")
    argv = [sys.executable if command[0] in ("python", "python3") else command[0], *command[1:]]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdin
    assert process.stdout
    assert process.stderr
    reading = [
        asyncio.create_task(_output(socket, 1, process.stdout)),
        asyncio.create_task(_output(socket, 2, process.stderr)),
    ]
    feeding = asyncio.create_task(_input(socket, process, process.stdin))
    try:
        await asyncio.gather(*reading)
        code = await process.wait()
        status = {"status": "Success"} if code == 0 else _failure(code)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.send_bytes(b"\x03" + json.dumps(status).encode())
            await socket.close()
    finally:
        feeding.cancel()
        for task in reading:
            task.cancel()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def forward(socket: WebSocket) -> None:
    """Forward to the port itself, on this machine."""
    await socket.accept()
    port = int(socket.query_params["ports"])
    reader, writer = await asyncio.open_connection(HOST, port)
    for channel in (0, 1):  # the first message of each tells the port
        await socket.send_bytes(bytes([channel]) + port.to_bytes(2, "little"))

    async def back() -> None:
        while data := await reader.read(65536):
            await socket.send_bytes(b"\x00" + data)

    backwards = asyncio.create_task(back())
    try:
        while True:
            writer.write((await socket.receive_bytes())[1:])
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        backwards.cancel()
        writer.close()


async def _output(socket: WebSocket, channel: int, stream: asyncio.StreamReader) -> None:
    while data := await stream.read(32 * 1024):
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.send_bytes(bytes([channel]) + data)


async def _input(socket: WebSocket, process: asyncio.subprocess.Process, stdin: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ProcessLookupError):
        try:
            while (message := await socket.receive_bytes())[0] != 255:
                stdin.write(message[1:])
        except (WebSocketDisconnect, RuntimeError):
            process.kill()
    stdin.close()


def _failure(code: int) -> dict[str, object]:
    causes = [{"reason": "ExitCode", "message": str(code)}]
    message = f"command terminated with non-zero exit code: {code}"
    return {"status": "Failure", "reason": "NonZeroExitCode", "message": message, "details": {"causes": causes}}
