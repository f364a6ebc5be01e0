"""An HTTP server of nothing but asyncio, which ends well: it turns not ready, goes on answering, and then closes."""

import asyncio
import signal
import time

LAME_DUCK_SECONDS = 5.0
DRAIN_SECONDS = 4.0
MAX_BODY_BYTES = 100_000


class Server:
    """It answers whatever is asked; `/ready` says whether to send it more."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.answers = 0
        self.terminating = asyncio.Event()
        self.at_work: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until SIGTERM, for the lame duck after it, and until what is in flight is answered."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.terminate)
        listener = await asyncio.start_server(self.serve, "0.0.0.0", 8080, limit=16_384)
        print(f"serving after {self.age():.2f} s", flush=True)
        await self.terminating.wait()
        await asyncio.sleep(LAME_DUCK_SECONDS)
        listener.close()
        if self.at_work:
            await asyncio.wait(self.at_work, timeout=DRAIN_SECONDS)
        print(f"ended after {self.answers} answers", flush=True)

    def terminate(self) -> None:
        """Begin to end."""
        self.terminating.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests."""
        task = asyncio.current_task()
        assert task
        self.at_work.add(task)
        try:
            while await self.answered(reader, writer):
                pass
        except (ValueError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            self.at_work.discard(task)

    async def answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request and tell whether there may be another; raises for what is no good request."""
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.decode("latin-1").partition("\r\n")
        method, path, _ = line.split(" ")
        fields = dict(each.lower().split(": ", 1) for each in rest.split("\r\n") if ": " in each)
        length = int(fields.get("content-length", 0))
        if method not in ("GET", "POST") or length > MAX_BODY_BYTES:
            return False
        await reader.readexactly(length)
        closing = self.terminating.is_set() or fields.get("connection") == "close"
        status = "200 OK" if self.good(path) else "503 Service Unavailable"
        connection = "close" if closing else "keep-alive"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 3\r\nConnection: {connection}\r\n\r\nok\n".encode())
        await writer.drain()
        self.answers += 1
        return not closing

    def age(self) -> float:
        """Return how long it has run, in seconds."""
        return time.monotonic() - self.began

    def good(self, path: str) -> bool:
        """Tell whether what is asked for can be had."""
        return path != "/ready" or not self.terminating.is_set()


asyncio.run(Server().run())
