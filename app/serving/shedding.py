"""Load shedding: the answer to a request that has no place, at next to no cost.

Where there are more requests than the service can answer, most of what it does would be to refuse. So the refusal is
written as it stands, without the application; it is counted by the metrics, and told by one line a second in the log.
On a new connection even the connection is not made: it costs several times what the refusal does.
"""

import asyncio
import re
import socket
from http import HTTPStatus

import orjson
import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.admission import DETAIL, Admission
from app.metrics import Metrics
from app.middleware import request_id
from app.middleware.observation import OPERATIONAL
from app.middleware.standing_headers import STANDING
from app.problems import MEDIA_TYPE, RETRY_AFTER

TELL_SECONDS = 1.0
HEAD_BYTES = 8 * 1024  # a longer head is read, and refused, the usual way

_PROBES = tuple(f"GET {path}".encode() for path in OPERATIONAL)
_GIVEN_ID = re.compile(rb"\r\nx-request-id:[ \t]*(%b)[ \t]*\r\n" % request_id.REQUEST_ID.pattern, re.IGNORECASE)
_STATUS = HTTPStatus.SERVICE_UNAVAILABLE
_HEAD = STATUS_LINE[_STATUS] + b"".join(
    b"%b: %b\r\n" % field
    for field in (
        *((name.lower().encode(), value.encode()) for name, value in RETRY_AFTER.items()),
        *STANDING,
        (b"content-type", MEDIA_TYPE.encode()),
    )
)
_BODY = orjson.dumps({"type": "about:blank", "title": _STATUS.phrase, "status": _STATUS, "detail": DETAIL})[:-1]

_log = structlog.get_logger()


class Shedding:
    """The refusals of one worker."""

    def __init__(self, admission: Admission, metrics: Metrics) -> None:
        self._admission = admission
        self._metrics = metrics
        self._untold = 0

    def refusal(self, method: str, identity: bytes, *, close: bool) -> bytes:
        """Count a request as refused, and return the answer to it."""
        self.count(method, _STATUS)
        if not self._untold:
            asyncio.get_running_loop().call_later(TELL_SECONDS, self.tell)
        self._untold += 1
        body = b'%b,"request_id":"%b"}' % (_BODY, identity)
        last = b"connection: close\r\n\r\n" if close else b"\r\n"
        head = b"x-request-id: %b\r\ncontent-length: %d\r\n%b" % (identity, len(body), last)
        return _HEAD + head + (b"" if method == "HEAD" else body)

    def count(self, method: str, status: int) -> None:
        """Count a request that was never begun."""
        self._metrics.request_refused(method, status)

    def tell(self) -> None:
        """Log how many requests were refused since that was last told."""
        if self._untold:
            _log.warning("requests refused", count=self._untold, status=_STATUS.value)
            self._untold = 0

    def at_the_door(self, connection: socket.socket) -> bool | None:
        """Refuse what a new connection asks for, and close it; return whether it did, None if nothing is asked yet.

        Only while there is no place, and only a GET that is there as a whole, and alone: nothing may be left unread
        when a connection is closed, or it is reset and the answer lost. All else is for the protocol.
        """
        if not self._admission.turns_away():
            return False
        try:
            request = connection.recv(HEAD_BYTES, socket.MSG_PEEK)
            if request.find(b"\r\n\r\n") != len(request) - 4 or not request.startswith(b"GET /"):
                return False
            if request.startswith(_PROBES):
                return False
            connection.recv(len(request))
            given = _GIVEN_ID.search(request)
            connection.send(self.refusal("GET", given[1] if given else request_id.new(), close=True))
        except BlockingIOError:
            return None
        except OSError:
            pass  # the client has left
        connection.close()
        return True
