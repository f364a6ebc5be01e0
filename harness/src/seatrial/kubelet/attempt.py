"""One attempt of a probe, made as the kubelet makes it (pkg/probe/http, pkg/probe/tcp, pkg/probe/exec)."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import h11

from seatrial.command import Completed
from seatrial.host.ports import HOST
from seatrial.manifests.probe import Exec, HttpGet, Probe, TcpSocket

MAX_BODY_BYTES = 10 * 1024
MAX_REDIRECTS = 10
USER_AGENT = "kube-probe/1.36"


@dataclass(frozen=True)
class Attempt:
    """What an attempt came to: `detail` has the status and the body's beginning, the exit code, or the error."""

    succeeded: bool
    detail: str
    seconds: float


async def attempt(
    probe: Probe,
    host_port: Callable[[int], int],
    execute: Callable[[tuple[str, ...]], Awaitable[Completed]],
) -> Attempt:
    """Make one attempt; `host_port` maps the container's ports, `execute` runs a command in it.

    Whatever goes wrong with the probed, or takes longer than the probe's timeout, is a failed attempt.
    """
    began = time.monotonic()
    try:
        async with asyncio.timeout(probe.timeout_seconds):
            match probe.handler:
                case HttpGet() as get:
                    succeeded, detail = await http_get(get, host_port(get.port))
                case TcpSocket() as tcp:
                    succeeded, detail = await _tcp_socket(host_port(tcp.port))
                case Exec(command):
                    completed = await execute(command)
                    succeeded = completed.returncode == 0
                    detail = _excerpt(f"exit code {completed.returncode}", completed.stdout + completed.stderr)
    except TimeoutError:
        succeeded, detail = False, f"no answer within {probe.timeout_seconds:g} s"
    except OSError as error:
        succeeded, detail = False, f"{type(error).__name__}: {error}"
    return Attempt(succeeded, detail, time.monotonic() - began)


async def _tcp_socket(port: int) -> tuple[bool, str]:
    _, writer = await asyncio.open_connection(HOST, port)
    writer.close()
    return True, "connected"


async def http_get(get: HttpGet, port: int) -> tuple[bool, str]:
    """Return whether the answer is a success to a probe, and its status and beginning; raises what a socket raises."""
    url = urlsplit(urljoin(f"{get.scheme.lower()}://{HOST}:{port}/", get.path))
    for _ in range(MAX_REDIRECTS + 1):
        status, location, body = await _exchange(url, get.headers)
        detail = _excerpt(f"status {status}", body.decode(errors="replace"))
        redirected = urlsplit(urljoin(url.geturl(), location)) if location else url
        # Another host's redirect is not followed, and is a success.
        if not (300 <= status < 400 and location) or redirected.hostname != url.hostname:
            return 200 <= status < 400, detail
        url = redirected
    return False, f"stopped after {MAX_REDIRECTS} redirects"


async def _exchange(url: SplitResult, headers: tuple[tuple[str, str], ...]) -> tuple[int, str, bytes]:
    tls = _unverified() if url.scheme == "https" else None
    reader, writer = await asyncio.open_connection(url.hostname, url.port, ssl=tls)
    try:
        defaults = {"host": url.netloc, "user-agent": USER_AGENT, "accept": "*/*", "connection": "close"}
        given = [(name.lower(), value) for name, value in headers]
        kept = [(name, value) for name, value in defaults.items() if name not in dict(given)]
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection = h11.Connection(h11.CLIENT)
        for event in (h11.Request(method="GET", target=target, headers=kept + given), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        status, location, body = 0, "", b""
        while len(body) < MAX_BODY_BYTES:
            match connection.next_event():
                case h11.NEED_DATA:
                    connection.receive_data(await reader.read(MAX_BODY_BYTES))
                case h11.Response() as response:
                    status = response.status_code
                    location = dict(response.headers).get(b"location", b"").decode()
                case h11.Data() as data:
                    body += bytes(data.data)
                case h11.EndOfMessage() | h11.ConnectionClosed():
                    break
        return status, location, body[:MAX_BODY_BYTES]
    except h11.RemoteProtocolError as error:
        raise ConnectionError(f"no HTTP answer: {error}") from error
    finally:
        writer.close()


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # as the kubelet
    return context


def _excerpt(what: str, text: str) -> str:
    return f"{what}: {text.strip()[:MAX_BODY_BYTES]}" if text.strip() else what
