"""How much JSON is parsed: what a body costs is a matter of its values and their depth, more than of its bytes.

100,000 unknown keys in a megabyte are 100,000 faults in the validation, and a second in which nobody else is answered.
So they are counted before anything is made of them, by searches that cost less than the parsing.
"""

from itertools import accumulate

from starlette import status
from starlette.exceptions import HTTPException

MAX_DEPTH = 64

_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def refuse_large_json(data: bytes, max_values: int) -> None:
    """Raise a 413 for more than `max_values` keys and values, or more than MAX_DEPTH levels of them.

    An empty list or object counts as one that has something in it.
    What is no JSON is left to its parser, which ends at the first fault: up to there it is counted as JSON.
    """
    brackets = data.count(b"[") + data.count(b"{")
    if brackets + data.count(b",") + data.count(b":") <= max_values and brackets <= MAX_DEPTH:
        return
    # Strings may have as many of these characters as they like. Not in UTF-16, where an escape looks otherwise.
    if b"\0" in data:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "JSON is read as UTF-8 (RFC 8259, 8.1), and has no NUL.")
    unescaped = data.replace(rb"\\", b"").replace(rb"\"", b"")
    if unescaped.count(b'"') // 2 > max_values:
        raise _too_many(max_values)
    structure = b"".join(unescaped.split(b'"')[::2])
    if sum(map(structure.count, (b"[", b"{", b",", b":"))) > max_values:
        raise _too_many(max_values)
    depths = accumulate(_STEPS[byte] for byte in structure.translate(None, _NO_BRACKETS))
    if max(depths, default=0) > MAX_DEPTH:
        detail = f"The body has lists and objects in more than the {MAX_DEPTH} levels that are allowed."
        raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, detail)


def _too_many(max_values: int) -> HTTPException:
    detail = f"The body has more than the {max_values} JSON keys and values that are allowed."
    return HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, detail)
