"""Cursors: opaque to clients, so that what they stand for can change."""

import base64
import binascii

from app.errors import BadRequestError
from app.models import MAX_ID


def encode_cursor(after_id: int) -> str:
    """Return the cursor of the page after the row `after_id`."""
    return base64.urlsafe_b64encode(str(after_id).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """Return the row id that a cursor stands for; raise BadRequestError."""
    try:
        after_id = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise _bad(cursor) from error
    if encode_cursor(after_id) != cursor or not 0 < after_id <= MAX_ID:
        raise _bad(cursor)
    return after_id


def _bad(cursor: str) -> BadRequestError:
    return BadRequestError(f"cursor: given {cursor!r}; allowed: the `next` of an earlier page")
