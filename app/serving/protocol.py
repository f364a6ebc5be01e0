"""What uvicorn's HTTP/1 protocol leaves to a proxy in front: limits for clients that are slow, greedy or broken.

A connection waits for its client until a request is there as a whole, and again after the answer. A timer runs while it
waits for a head, and while an answer is unread; and of too many connections the one that waits longest makes room.
"""

import asyncio
import os
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Literal, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app import logs
from app.middleware.exchange import CLIENT_LEFT
from app.problems import problem_response
from app.serving import framing
from app.serving.admitted import AdmittedProtocol
from app.serving.framing import RefusedError
from app.serving.lingering import LingeringTransport
from app.serving.listening import written
from app.serving.unread import UnreadAnswers
from app.serving.until_closed import end_with_connection
from app.settings import Settings


class LimitedProtocol(AdmittedProtocol):
    """One connection under limits; `waiting` has those of its worker that wait for their clients, longest first.

    All connections of a worker share `unread`; without it a connection's answer has that limit alone.
    """

    def __init__(
        self,
        *args: Any,
        settings: Settings,
        waiting: dict["LimitedProtocol", None],
        unread: UnreadAnswers | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._settings = settings
        self._waiting = waiting
        self._unread = unread or UnreadAnswers(settings.max_buffered_bytes)
        self._ending: LingeringTransport  # the same as `transport`, by what it does besides
        self._reading: Literal["head", "body"] | None = None
        self._upgrade = False  # whether the head just read asks for another protocol
        self._refused = False
        # Since the parser last had something to say: it is silent about a header, and a trailer, until its end.
        self._silent_bytes = 0
        self._unread_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # the parent's own
        """Wait for the first request; make room for the connection if there is none."""
        self._ending = LingeringTransport(
            transport, still_sends=self._is_sent_to, limit_seconds=self._settings.request_timeout_seconds
        )
        super().connection_made(cast("asyncio.Transport", self._ending))
        if self.client:
            self.client = written(self.client[0]), self.client[1]
        if self.server:
            self.server = written(self.server[0]), self.server[1]
        self._waiting[self] = None
        self._expect_head()
        if len(self.connections) > self._settings.max_connections:
            next(iter(self._waiting)).make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; tell of those requests that were not answered yet that their client has left."""
        self._waiting.pop(self, None)
        self._unread.forget(self)
        for cycle in (self._answering, self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
                cycle.scope[CLIENT_LEFT] = self._ending.client_left  # type: ignore[literal-required]  # ours
        self._ending.lost(left=exc is not None or self._is_unanswered())
        for timer in (self._head_timer, self._unread_timer):
            if timer:
                timer.cancel()
        # The parent leaves this one to a connection that was reset, which it then keeps in memory for so long.
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; refuse what it cannot read, and what is too long before it is complete."""
        if self._refused or self._ending.lingering:
            self._ending.drop()
            return
        self._unset_keepalive_if_required()
        self._silent_bytes += len(data)
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, RefusedError):
                self._refuse(error.__context__.status, str(error.__context__))
            else:
                self._refuse(HTTPStatus.BAD_REQUEST, "This is no HTTP/1 request.")
            return
        if self._silent_bytes > self._settings.max_header_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, self._too_long())
        elif not self._is_unanswered():
            self._expect_head()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio's own
        """Go on answering a client that has stopped sending; return whether it has asked for something as a whole."""
        if not self._is_unanswered() or self._reading == "body" or self._ending.lingering:
            return False
        # A stream may have no end, and a client that leaves one looks alike: to go on would keep it for nobody.
        if self._answering and self._answering.response_started and self._answering.chunked_encoding:
            return False
        self.cycle.keep_alive = False
        self._ending.client_sends_no_more()
        self.cycle.scope[CLIENT_LEFT] = self._ending.client_left  # type: ignore[literal-required]  # ours
        return True

    def _feed(self, data: bytes) -> None:
        """Feed the parser, and again from behind each head that asks for another protocol: nobody here speaks one.

        Such a request is answered as HTTP/1.1 (RFC 9110, 7.8). The parser takes all that follows it for the other
        protocol's, its body included; so its head is read anew, by a parser of its own, without what asks for that.
        """
        rest: bytes | memoryview = data
        while True:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as upgrade:
                rest = memoryview(rest)[upgrade.args[0] :]
            else:
                return
            fields = [b"%b: %b\r\n" % field for field in self.headers if field[0] != b"upgrade"]
            line = self.parser.get_method(), self.url, self.parser.get_http_version().encode()
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as the parent does
            self.parser.feed_data(b"%b %b HTTP/%b\r\n%b\r\n" % (*line, b"".join(fields)))

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        super().on_message_begin()
        self._reading = "head"

    def on_headers_complete(self) -> None:
        """Begin to answer, unless the head is too large."""
        if len(self.headers) > self._settings.max_header_count:
            detail = f"More than the {self._settings.max_header_count} headers that are allowed."
            raise RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
        # What has arrived may be a body as well, so count; this is rare enough.
        if self._silent_bytes > self._settings.max_header_bytes:
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if size > self._settings.max_header_bytes:
                raise RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, self._too_long())
        self._upgrade = self.parser.should_upgrade()
        if self._upgrade:
            if self.parser.get_method() == b"CONNECT":
                raise RefusedError(HTTPStatus.BAD_REQUEST, "CONNECT is for proxies, and this service is none.")
            return  # it is read once more
        framing.check(self.headers, self.parser.get_http_version)
        if not self.url.startswith(b"/"):
            self.url = framing.origin_form(self.parser.get_method(), self.url, self.headers)
        super().on_headers_complete()
        if self.scope["http_version"] == "1.0":
            end_with_connection(self.cycle)
        self._stop_head_timer()
        self.headers = []  # else trailers go where the application reads headers
        self._reading = "body"
        self._silent_bytes = 0

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        super().on_body(body)
        self._silent_bytes = 0

    def on_message_complete(self) -> None:
        """Wait no longer: now the client waits for us."""
        if self._upgrade:
            return
        super().on_message_complete()
        self._reading = None
        self._silent_bytes = 0
        if not self.cycle.response_complete:
            self._waiting.pop(self, None)

    def on_response_complete(self) -> None:
        """Wait for the client to read the answer, and for its next request or the rest of this one."""
        super().on_response_complete()
        closing = self.transport.is_closing()
        if closing and self._ending.broken and self._answering is not None:
            self._answering.scope[CLIENT_LEFT] = self._ending.client_left  # type: ignore[literal-required]  # ours
        if self.transport.get_write_buffer_size():
            self._expect_progress()
        if not closing and self.cycle.response_complete:
            self._waiting[self] = None
            if self._reading:
                self._unset_keepalive_if_required()
                self._expect_head()

    def pause_writing(self) -> None:
        """Expect the client to read: so much of an answer is unread that the rest must wait."""
        super().pause_writing()
        self._expect_progress()

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        super().resume_writing()
        self._expect_progress()

    def make_room(self) -> None:
        """Close at once, with nothing said: an idle client opens another connection."""
        self._waiting.pop(self, None)
        self.transport.abort()

    def _is_sent_to(self) -> bool:
        return self._refused or self._reading == "body" or bool(self.pipeline) or self.flow.read_paused

    def _is_unanswered(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _too_long(self) -> str:
        return f"Longer than the {self._settings.max_header_bytes} bytes that are allowed for the head of a request."

    def _expect_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self._later(self._settings.header_timeout_seconds, self._head_is_late)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._reading == "body":
            self.transport.abort()  # the request is answered, and this was its client's time to send the rest
        elif self._reading == "head":
            seconds = self._settings.header_timeout_seconds
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"The head of the request was not there within {seconds:g} s.")
        else:
            self.transport.close()  # nothing was asked

    def _expect_progress(self) -> None:
        self._unread_bytes = self.transport.get_write_buffer_size()
        if self._unread_timer:
            self._unread_timer.cancel()
        self._unread_timer = self._later(self._settings.request_timeout_seconds, self._check_progress)
        self._unread.note(self, self._unread_bytes)

    def _check_progress(self) -> None:
        self._unread_timer = None
        unread = self.transport.get_write_buffer_size()
        if unread and unread == self._unread_bytes:
            self.transport.abort()
        elif unread:
            self._expect_progress()
        else:
            self._unread.forget(self)

    def _later(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, call)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer in the application's place and close; of pipelined requests, those before have their answers first."""
        self._refused = True
        self._stop_head_timer()
        request_id = os.urandom(16).hex()
        client = self.client[0] if self.client else None
        fields = {"status": status, "detail": detail, "client": client, "request_id": request_id}
        logs.emit("request refused", fields)
        if self._is_unanswered():
            if self._reading != "body":
                self.cycle.keep_alive = False
                return
            if self.pipeline or self.cycle.response_started:
                self.transport.abort()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        headers = {"X-Request-ID": request_id, "Connection": "close"}
        answer = problem_response(status, detail, headers, request_id=request_id)
        head = b"".join(b"%b: %b\r\n" % field for field in answer.raw_headers)
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + bytes(answer.body))
        self.transport.close()
