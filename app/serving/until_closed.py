"""An answer to HTTP/1.0 that does not say how long it is: it ends with its connection.

uvicorn sends it in chunks, which HTTP/1.0 does not know (RFC 9112, 6.1): its client takes their sizes for the answer's.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


def end_with_connection(cycle: RequestResponseCycle) -> None:
    """Have a request that was not begun yet, and whose connection is not kept, answered so."""
    send: Any = cycle.send
    has_length = False

    async def send_plain(message: Any) -> None:
        nonlocal has_length
        if message["type"] == "http.response.start":
            has_length = any(name.lower() == b"content-length" for name, _ in message.get("headers", ()))
            if not has_length:
                cycle.chunked_encoding = False
        elif not has_length:
            cycle.expected_content_length = len(message.get("body", b""))  # of this piece
        await send(message)

    cycle.send = send_plain  # type: ignore[method-assign]  # uvicorn hands it to the application
