"""The connection arithmetic: how many connections all replicas may open, and how many the database grants them."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cpus import worker_count
from app.settings import Settings

READINESS = 1  # beside each worker's pool: what readiness asks by
SURGE = 1  # a rollout's additional pod
MIGRATIONS = 1  # its init container
RESERVE = 2  # an operator's psql, a backup

_LIMITS = text("""
    SELECT current_setting('max_connections')::int
           - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true), '0')::int,
           (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user),
           (SELECT datconnlimit FROM pg_database WHERE datname = current_database())
""")


@dataclass(frozen=True)
class Demand:
    """What the service asks for at most, when a rollout is under way."""

    replicas: int
    workers: int
    pool_size: int
    max_overflow: int

    @classmethod
    def of(cls, settings: Settings) -> "Demand":
        """Return the demand of these settings, and of this container's CPU quota where they leave the workers open."""
        workers = settings.workers or worker_count()
        return cls(settings.replicas, workers, settings.database_pool_size, settings.database_max_overflow)

    @property
    def connections(self) -> int:
        """The sum."""
        pools = (self.replicas + SURGE) * self.workers
        return pools * (self.pool_size + self.max_overflow + READINESS) + MIGRATIONS + RESERVE

    def __str__(self) -> str:
        """Return the arithmetic."""
        return (
            f"(replicas {self.replicas} + surge {SURGE}) x workers {self.workers} "
            f"x (pool size {self.pool_size} + overflow {self.max_overflow} + readiness {READINESS}) "
            f"+ migrations {MIGRATIONS} + reserve {RESERVE} = {self.connections} connections"
        )


@dataclass(frozen=True)
class Grant:
    """What the database allows: its places less the reserved ones, the role's limit and the database's (None: none)."""

    places: int
    role_limit: int | None
    database_limit: int | None

    @property
    def connections(self) -> int:
        """The least of them."""
        return min(limit for limit in (self.places, self.role_limit, self.database_limit) if limit is not None)

    def __str__(self) -> str:
        """Return what is limited to how many."""
        limits = {
            "max_connections less the reserved ones": self.places,
            "the role's limit": self.role_limit,
            "the database's limit": self.database_limit,
        }
        return ", ".join(f"{name} {limit}" for name, limit in limits.items() if limit is not None)


async def granted(connection: AsyncConnection) -> Grant:
    """Ask PostgreSQL what it allows this role in this database."""
    places, role_limit, database_limit = (await connection.execute(_LIMITS)).one()
    return Grant(places, *(None if limit < 0 else limit for limit in (role_limit, database_limit)))


def excess(demand: Demand, grant: Grant) -> str | None:
    """Return the arithmetic and what to change when more is asked for than granted, None when it fits."""
    if demand.connections <= grant.connections:
        return None
    return (
        f"the database allows fewer connections than the service may open:\n  {demand}\n  > {grant}\n"
        "  lower APP_REPLICAS, WEB_CONCURRENCY, APP_DATABASE_POOL_SIZE or APP_DATABASE_MAX_OVERFLOW, "
        "or raise the database's limit"
    )
