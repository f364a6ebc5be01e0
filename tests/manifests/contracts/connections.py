"""The database's connections: whether all replicas' pools fit."""

import re
from collections.abc import Iterator

from app.connection_budget import MIGRATIONS, READINESS, RESERVE
from tests.harness.contracts.arithmetic import Term, at_most, term
from tests.harness.contracts.contract import Check, contract
from tests.harness.contracts.overlay import Overlay
from tests.harness.contracts.rollout import replicas, surge
from tests.manifests.contracts.service import Service, services

RESERVED_FOR_SUPERUSERS = 3  # PostgreSQL's default


@contract
def replicas_are_accounted_for(overlay: Overlay) -> Iterator[Check]:
    """APP_REPLICAS, by which the service holds its connections to the database's limit, covers the most replicas."""
    for service in services(overlay):
        _, most = replicas(overlay, service.container.workload)
        yield at_most(service.container.where, most, service.term("replicas"))


@contract
def connection_budget(overlay: Overlay) -> Iterator[Check]:
    """What all pods of all rollouts may open fits what the overlay's own PostgreSQL grants."""
    demands = [_demand(overlay, service) for service in services(overlay)]
    for where, granted in _granted(overlay):
        yield at_most(where, sum(demands, term("reserve", RESERVE)), granted)


def _demand(overlay: Overlay, service: Service) -> Term:
    _, most = replicas(overlay, service.container.workload)
    pods = most + surge(service.container.workload, most.value)
    pool = service.term("database_pool_size") + service.term("database_max_overflow") + term("readiness", READINESS)
    return pods * service.workers * pool + term("migrations", MIGRATIONS)


def _granted(overlay: Overlay) -> Iterator[tuple[str, Term]]:
    """Return the places of every server in the overlay that is told how many connections to allow."""
    for container in overlay.containers():
        if found := re.search(r"max_connections=(\d+)", " ".join(container.raw.get("args", ()))):
            places = int(found[1]) - RESERVED_FOR_SUPERUSERS
            yield container.where, term("max_connections", places, f"less {RESERVED_FOR_SUPERUSERS} for superusers")
