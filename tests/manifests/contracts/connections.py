"""The database's connections: whether all replicas' pools fit."""

import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from typing import NamedTuple

from app.connection_budget import MIGRATIONS, READINESS, RESERVE
from seatrial.contracts.arithmetic import Term, at_most, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.contracts.rollout import replicas, surge
from seatrial.manifests.place import Place
from seatrial.manifests.workload import Container
from seatrial.podman.recipe import split
from tests.manifests.contracts.service import Service, services

CONFIGURATION = "pgbouncer.ini"
RESERVED_FOR_SUPERUSERS = 3  # PostgreSQL's default


@contract
def replicas_are_accounted_for(overlay: Overlay) -> Iterator[Check]:
    """APP_REPLICAS, by which the service holds its connections to the database's limit, covers the most replicas."""
    for service in services(overlay):
        _, most = replicas(overlay, service.container.workload)
        yield at_most(service.container.where, most, service.term("replicas"))


@contract
def connection_budget(overlay: Overlay) -> Iterator[Check]:
    """What all pods of all rollouts may open, or a pooler for them, fits what the overlay's own PostgreSQL grants."""
    pooled, direct = _by_way(overlay)
    demands = [_demand(overlay, service) for service in direct]
    demands += [_opened(overlay, pooler) for pooler in _poolers(overlay)]
    demands += [term("migrations", MIGRATIONS) for _ in pooled]
    for where, granted in _granted(overlay):
        yield at_most(where, sum(demands, term("reserve", RESERVE)), granted)


@contract
def pooler_budget(overlay: Overlay) -> Iterator[Check]:
    """What all pods of all rollouts may open to a pooler of the overlay's own fits what it takes from clients."""
    pooled, _ = _by_way(overlay)
    demands = [_demand(overlay, service) for service in pooled]
    for pooler in _poolers(overlay):
        yield at_most(
            pooler.container.where, sum(demands, term("reserve", RESERVE)), pooler.term("max_client_conn", 100)
        )


class Pooler(NamedTuple):
    """PgBouncer, and its own section of its configuration."""

    container: Container
    section: Mapping[str, str]

    def term(self, name: str, default: int) -> Term:
        """Return a number out of the configuration, PgBouncer's default where it has none."""
        return term(
            name, float(self.section.get(name, default)), "pgbouncer.ini" if name in self.section else "default"
        )


def _by_way(overlay: Overlay) -> tuple[list[Service], list[Service]]:
    """Return the services whose connections go through a pooler, and the others."""
    found = list(services(overlay))
    pooled = [each for each in found if each.settings.database_pooler in {"session", "transaction"}]
    return pooled, [each for each in found if each not in pooled]


def _demand(overlay: Overlay, service: Service) -> Term:
    _, most = replicas(overlay, service.container.workload)
    pods = most + surge(service.container.workload, most.value)
    pool = service.term("database_pool_size") + service.term("database_max_overflow") + term("readiness", READINESS)
    return pods * service.workers * pool + term("migrations", MIGRATIONS)


def _opened(overlay: Overlay, pooler: Pooler) -> Term:
    _, most = replicas(overlay, pooler.container.workload)
    pods = most + surge(pooler.container.workload, most.value)
    return pods * (pooler.term("default_pool_size", 20) + pooler.term("reserve_pool_size", 0))


def _poolers(overlay: Overlay) -> Iterator[Pooler]:
    """Yield every PgBouncer that reads a ConfigMap of the overlay."""
    texts = {found["metadata"]["name"]: found["data"].get(CONFIGURATION) for found in overlay.of_kind("ConfigMap")}
    for container in overlay.containers():
        if split(container.image)[0] != "pgbouncer":
            continue
        for volume in container.workload.template["spec"].get("volumes", ()):
            if text := texts.get(volume.get("configMap", {}).get("name")):
                sections = ConfigParser(interpolation=None)
                sections.read_string(text)
                yield Pooler(container, sections["pgbouncer"])


def _granted(overlay: Overlay) -> Iterator[tuple[Place, Term]]:
    """Return the places of every server in the overlay that is told how many connections to allow."""
    for container in overlay.containers():
        if found := re.search(r"max_connections=(\d+)", " ".join(container.raw.get("args", ()))):
            places = int(found[1]) - RESERVED_FOR_SUPERUSERS
            yield container.where, term("max_connections", places, f"less {RESERVED_FOR_SUPERUSERS} for superusers")
