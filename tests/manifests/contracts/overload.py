"""What the service takes on at once: whether its limits agree, so that who cannot be served in time hears it early."""

from collections.abc import Iterator

from app.postgresql import ANSWER_SECONDS
from seatrial.contracts.arithmetic import at_most, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from tests.manifests.contracts.service import services

ANSWER = term("answer", ANSWER_SECONDS, "app/postgresql.py")


@contract
def requests_at_work_have_connections(overlay: Overlay) -> Iterator[Check]:
    """A worker has no more requests at work than its pool may open connections: they wait before work, not in it."""
    for service in services(overlay):
        pool = service.term("database_pool_size") + service.term("database_max_overflow")
        yield at_most(service.container.where, service.places, pool)


@contract
def request_timeout_holds_the_database(overlay: Overlay) -> Iterator[Check]:
    """A request that waits for a connection, opens it and runs a statement to its limit has its own answer in time."""
    for service in services(overlay):
        waits = [service.term(f"database_{wait}_timeout_seconds") for wait in ("pool", "connect", "statement")]
        yield at_most(service.container.where, sum(waits, ANSWER), service.term("request_timeout_seconds"))
