"""The headers that every answer has: what a browser must not do with it."""

from collections.abc import Iterable

Header = tuple[bytes, bytes]

# For an API: nothing of it is a page, a script or a frame, and nobody stores it. A route that knows better says so.
STANDING = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)

_NAMES = frozenset(name for name, _ in STANDING)


def with_standing(headers: Iterable[Header], *more: Header) -> list[Header]:
    """Return the headers of an answer with those of STANDING that it lacks, and `more`."""
    given = [name for name, _ in headers]
    if _NAMES.isdisjoint(given):
        return [*headers, *STANDING, *more]
    return [*headers, *(standing for standing in STANDING if standing[0] not in given), *more]
