"""The largest request body that is read.

FastAPI's own `max_body_size` answers in plain text from outside of all middleware: without problem details, request id
and access log line.
"""

from starlette import status
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Scope


def declared_bytes(scope: Scope) -> int:
    """Return how long a request says that its body is, 0 if it does not say."""
    declared = Headers(scope=scope).get("content-length", "")
    return int(declared) if declared.isdecimal() else 0


def refuse_over(max_bytes: int, size: int) -> None:
    """Raise a 413 for more bytes than are allowed; the rest is not read, hence `close`."""
    if size > max_bytes:
        detail = f"The body is longer than the {max_bytes} bytes that are allowed."
        raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, detail, {"Connection": "close"})
