"""Entity tags of versioned rows (RFC 9110, 8.8.3 and 13.1)."""

import re
from typing import Annotated

from pydantic import WithJsonSchema

from app.errors import BadRequestError

MAX_TAGS = 100  # each is a parameter of a statement

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"\s*)*')

# An If-Match or If-None-Match field as the OpenAPI document describes it.
TagField = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$', "examples": ['"1"']}),
]


def etag(version: int) -> str:
    """Return the strong tag of a version."""
    return f'"{version}"'


def versions(field: str, *, weak: bool) -> list[int] | None:
    """Return the versions that an If-Match or If-None-Match field names, None for `*`; raise BadRequestError.

    Weakly marked tags count only with `weak`: If-Match compares strongly. A tag that is no version matches nothing.
    """
    if field.strip() == "*":
        return None
    if field.count(",") >= MAX_TAGS:
        raise BadRequestError(f"given more than {MAX_TAGS} ETags; allowed: so many, or *")
    if not _LIST.fullmatch(field):
        raise BadRequestError(f"given {field!r}; allowed: * or a list of quoted ETags")
    # Nine digits: what is longer is no version of ours, and would not fit a database's integer.
    return [int(tag) for mark, tag in _TAG.findall(field) if (weak or not mark) and re.fullmatch("[0-9]{1,9}", tag)]
