"""The request id, in and out, and the caller's trace: both are in every line logged while the request is answered."""

import os
import re
from collections.abc import Iterable, Sequence
from typing import Any

from app import logs

# An id goes into logs and a header as it comes: nothing but what is harmless there.
REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


def of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the caller's `X-Request-ID`, or a new one where it gives none, or one that could do harm."""
    given = next((value for name, value in headers if name == b"x-request-id"), b"")
    return given if REQUEST_ID.fullmatch(given) else new()


def new() -> bytes:
    """Return a request id that no other request has."""
    return os.urandom(16).hex().encode()


def bind(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return the caller's `X-Request-ID` or a new one; bind it, and the ids of `traceparent`, for the logs."""
    given = b""
    context: dict[str, Any] = {}
    for name, value in reversed(headers):  # the first of its name counts
        if name == b"x-request-id":
            given = value
        elif name == b"traceparent" and (parent := _TRACEPARENT.fullmatch(value.decode("latin-1"))):
            context = {"trace_id": parent[1], "span_id": parent[2]}
    request_id = given.decode() if given and REQUEST_ID.fullmatch(given) else os.urandom(16).hex()
    context["request_id"] = request_id
    logs.begin_request(context)
    return request_id.encode()
