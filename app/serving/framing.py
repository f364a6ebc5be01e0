"""What a head says of its request beyond what the parser checks: how far the request goes, and whom it is for.

Where another recipient, such as a proxy in front, could read the same bytes in another way, the request is refused.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

from app.authority import host_of

Headers = list[tuple[bytes, bytes]]

_ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE)


class RefusedError(Exception):
    """A request that is answered with `status` in the application's place; the message says why."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def check(headers: Headers, version: Callable[[], str]) -> None:
    """Raise RefusedError for a head whose Host (RFC 9112, 3.2) or transfer coding (6.1) is not clear.

    `version` is called where it matters: to ask the parser for it costs more than the rest of a usual check.
    """
    host = coding = None
    for name, value in headers:
        if name == b"host":
            if host is not None:
                raise RefusedError(HTTPStatus.BAD_REQUEST, "The request has more than one Host.")
            host = value
        elif name == b"transfer-encoding":
            if coding is not None or value.strip(b" \t").lower() != b"chunked" or version() != "1.1":
                detail = "The one transfer coding that is understood is chunked, given once, in HTTP/1.1."
                raise RefusedError(HTTPStatus.BAD_REQUEST, detail)
            coding = value
    if host is None:
        if version() != "1.0":
            raise RefusedError(HTTPStatus.BAD_REQUEST, "The request has no Host, which HTTP/1.1 demands.")
    elif host_of(host) is None:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The Host of the request is not a valid host[:port].")


def origin_form(method: bytes, target: bytes, headers: Headers) -> bytes:
    """Return the path and query of a target that is not one itself; put the host that it names in place of Host.

    So whoever asks for the Host has the one that counts (RFC 9112, 3.2.2). Raise RefusedError for any other target.
    """
    if target == b"*" and method == b"OPTIONS":
        return target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None or host_of(absolute[1]) is None:
        detail = "The target of a request is a path, or an http or https URL with a valid host[:port]."
        raise RefusedError(HTTPStatus.BAD_REQUEST, detail)
    headers[:] = [(b"host", absolute[1]), *(header for header in headers if header[0] != b"host")]
    rest = absolute[2]
    if not rest and method == b"OPTIONS":
        return b"*"  # as the last proxy would have sent it (RFC 9112, 3.2.4)
    return rest if rest.startswith(b"/") else b"/" + rest
