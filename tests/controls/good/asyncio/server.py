"""An HTTP server of nothing but asyncio, which ends well: it turns not ready, goes on answering, and then closes."""

import asyncio
import signal

LAME_DUCK_SECONDS = 6.0


async def main() -> None:
    """Serve until SIGTERM, and for the lame duck after it."""
    terminating = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminating.set)
    at_work: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at_work.add(task := asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, _, rest = head.decode("latin-1").partition("\r\n")
                method, path, _ = line.split(" ")
                fields = dict(each.lower().split(": ", 1) for each in rest.split("\r\n") if ": " in each)
                length = int(fields.get("content-length", 0))
                if method not in ("GET", "POST") or length > 100_000:
                    break
                await reader.readexactly(length)
                ready = path != "/ready" or not terminating.is_set()
                close = "close" if terminating.is_set() or fields.get("connection") == "close" else "keep-alive"
                status = "200 OK" if ready else "503 Service Unavailable"
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 3\r\nConnection: {close}\r\n\r\nok\n".encode())
                await writer.drain()
                if close == "close":
                    break
        except (ValueError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            at_work.discard(task)

    server = await asyncio.start_server(serve, "0.0.0.0", 8080, limit=16_384)
    print("serving", flush=True)
    await terminating.wait()
    await asyncio.sleep(LAME_DUCK_SECONDS)
    server.close()
    if at_work:
        await asyncio.wait({task for task in at_work if task}, timeout=5.0)


asyncio.run(main())
