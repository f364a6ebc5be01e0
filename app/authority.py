"""Whom a request is for: `host[:port]`, as a Host header and a target in absolute form have it (RFC 9110, 7.2)."""

import ipaddress
import re
from functools import lru_cache

# RFC 3986 allows a name more than that, but no name that DNS resolves, and no container's, has any of it.
_NAMED = re.compile(rb"((?:[A-Za-z0-9_-]+\.)*[A-Za-z0-9_-]+)\.?(?::[0-9]{0,5})?")
_BRACKETED = re.compile(rb"\[([0-9A-Fa-f:.]+)\](?::[0-9]{0,5})?")


@lru_cache(maxsize=64)  # asked for every request, and most are for the same host
def host_of(authority: bytes) -> str | None:
    """Return the host in lower case, without its port and a trailing dot; None where there is none that is valid.

    An empty one is not: no http URI is without a host, and a recipient must not take it (RFC 9110, 4.2.1).
    """
    authority = authority.strip(b" \t")  # the parser leaves what is behind a header's value
    if named := _NAMED.fullmatch(authority):
        return named[1].decode().lower()
    if bracketed := _BRACKETED.fullmatch(authority):
        try:
            return f"[{ipaddress.IPv6Address(bracketed[1].decode())}]"
        except ValueError:
            return None
    return None
