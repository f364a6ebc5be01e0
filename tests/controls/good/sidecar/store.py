"""The store: it answers PING with PONG."""

import asyncio
import signal


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer until the client leaves."""
    while await reader.readline() == b"PING\n":
        writer.write(b"PONG\n")
    writer.close()


async def main() -> None:
    """Serve until SIGTERM."""
    terminating = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminating.set)
    await asyncio.start_server(serve, "0.0.0.0", 6000)
    await terminating.wait()


asyncio.run(main())
