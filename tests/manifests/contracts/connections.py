"""The database's connections: whether all replicas' pools fit."""

import math
import re
from collections.abc import Iterator
from typing import Any

from app.connection_budget import Demand, Grant, excess
from app.settings import Settings, variable
from tests.manifests.contracts.settings import PLACEHOLDER_URL
from tests.manifests.overlay import Overlay, is_ours

RESERVED_FOR_SUPERUSERS = 3  # PostgreSQL's default
DEMANDING = ("replicas", "workers", "database_pool_size", "database_max_overflow")


def connection_budget(overlay: Overlay) -> Iterator[str]:
    """APP_REPLICAS covers the Deployment's replicas, and the overlay's own PostgreSQL grants what they may open."""
    for workload in overlay.workloads():
        for container in workload.spec["containers"]:
            if not is_ours(container["image"]):
                continue
            settings = _settings(overlay, container)
            replicas = workload.source["spec"].get("replicas", 1)
            if settings.replicas < replicas:
                yield f"{workload.name}: APP_REPLICAS {settings.replicas} < replicas {replicas}"
            for places in _own_databases(overlay):
                if message := excess(Demand.of(settings), Grant(places, None, None)):
                    yield f"{workload.name}: {message}"


def _settings(overlay: Overlay, container: dict[str, Any]) -> Settings:
    environment = overlay.environment(container)
    given: dict[str, Any] = {name: environment[variable(name)] for name in DEMANDING if variable(name) in environment}
    cpus = str(container["resources"]["limits"]["cpu"])
    quota = float(cpus.removesuffix("m")) / (1000 if cpus.endswith("m") else 1)
    return Settings.model_validate({"database_url": PLACEHOLDER_URL, "workers": max(1, math.floor(quota)), **given})


def _own_databases(overlay: Overlay) -> Iterator[int]:
    """Return the places of every server in the overlay that is told how many connections to allow."""
    for workload in overlay.workloads():
        for container in workload.spec["containers"]:
            if found := re.search(r"max_connections=(\d+)", " ".join(container.get("args", ()))):
                yield int(found[1]) - RESERVED_FOR_SUPERUSERS
