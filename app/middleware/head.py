"""HEAD where GET is: a GET route answers it, and the server leaves the body away (RFC 9110, 9.3.2)."""

from starlette.routing import Match
from starlette.types import Scope


def is_for_get(scope: Scope) -> bool:
    """Return whether no route has an answer of its own to this HEAD request."""
    return not any(route.matches(scope)[0] is Match.FULL for route in scope["app"].routes)
