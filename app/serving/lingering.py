"""The end of a connection: its last answer reaches the client, also one that still sends, or that sends no more.

Closed while bytes of the client are unread, a connection is reset, and the client's end may lose the answer that it
has not read yet (RFC 9112, 9.6). So it is half-closed first, and what still comes is dropped as it comes.
"""

import asyncio
import fcntl
import socket
import termios
from collections.abc import Callable
from typing import Any

LINGER_SECONDS = 2.0  # for the next bytes of a client that still sends, and for its word that it has the answer
SETTLE_SECONDS = 0.02


class LingeringTransport:
    """A transport that, told to close, does so when the client has had its chance to read the last answer.

    `still_sends` says whether more of the client is to be expected; then `limit_seconds` are the longest that it takes.
    """

    def __init__(self, transport: asyncio.Transport, *, still_sends: Callable[[], bool], limit_seconds: float) -> None:
        self._transport = transport
        self._still_sends = still_sends
        self._limit_seconds = limit_seconds
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._heard = False
        self._left: asyncio.Future[bool] | None = None
        self._lost = False
        self._told_to_close = False
        self.lingering = False
        # Not methods of its own: each request calls them.
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.get_write_buffer_size = transport.get_write_buffer_size

    def __getattr__(self, name: str) -> Any:
        """Return what is the transport's own: all that is not about its end."""
        return getattr(self._transport, name)

    def close(self) -> None:
        """Say that nothing more is written; close at once where nothing more is to be expected of the client."""
        if self._transport.is_closing():
            return
        self._told_to_close = True
        if self.lingering:
            return
        if self._left is None and not self._still_sends():
            self._transport.close()
            return
        self.lingering = True
        self.is_closing = lambda: True
        if self._left is not None:
            # Not at once: uvloop writes at the end of its turn, and counts only what it then could not write.
            self._timer = self._loop.call_later(SETTLE_SECONDS, self._settle, self._loop.time() + LINGER_SECONDS)
        else:
            self._transport.write_eof()
            self._transport.resume_reading()
            self._look(self._loop.time() + self._limit_seconds)

    @property
    def broken(self) -> bool:
        """Whether the connection ends by an error, and not because it was told to close."""
        return self.is_closing() and not self._told_to_close

    def drop(self) -> None:
        """Take note that bytes have come while it lingers; nothing is kept of them."""
        self._heard = True

    def client_sends_no_more(self) -> None:
        """Find out, when told to close, whether the client still reads.

        Whether it has only stopped sending or has closed the connection looks alike until something is written: only
        then its end acknowledges that, or resets the connection.
        """
        self._left = self._left or self._loop.create_future()

    async def client_left(self) -> bool:
        """Return whether the client has left instead of reading all that was written; soon after `close`."""
        if self._left is not None and self.is_closing():
            return await self._left
        return self._lost or self.broken

    def lost(self, *, left: bool) -> None:
        """Forget the connection, which is no more; `left` says whether the client still had something to read."""
        self._lost = True
        self._still_sends = bool  # false; what it was refers to the connection, and that to this transport
        if self._timer:
            self._timer.cancel()
        if self._left and not self._left.done():
            self._left.set_result(left)

    def _look(self, until: float) -> None:
        """Close if the client sends no more, or has sent for long enough."""
        now = self._loop.time()
        if now >= until:
            self._transport.close()
            return

        def again() -> None:
            heard, self._heard = self._heard, False
            self._look(until) if heard else self._transport.close()

        self._timer = self._loop.call_at(min(until, now + LINGER_SECONDS), again)

    def _settle(self, until: float) -> None:
        """Close once the client's end has everything, or has refused it, or says nothing for too long."""
        assert self._left  # noqa: S101 - for the type checker: the caller has asked
        connection = self._transport.get_extra_info("socket")
        left = bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        unread = self.get_write_buffer_size() or int.from_bytes(
            fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)), "little"
        )
        if not left and unread and self._loop.time() < until:
            self._timer = self._loop.call_later(SETTLE_SECONDS, self._settle, until)
            return
        if not self._left.done():
            self._left.set_result(left)
        self._transport.close()
