"""The connection arithmetic."""

import pytest

from app.connection_budget import Demand, Grant, excess
from app.settings import Settings

DEMAND = Demand(replicas=2, workers=3, pool_size=4, max_overflow=1)  # (2 + 1) x 3 x 5 + 1 + 2


def test_demand_is_that_of_a_rollout() -> None:
    """All pods with the surge's, each worker with its whole pool, a migration and the reserve."""
    assert DEMAND.connections == 48
    assert str(DEMAND) == (
        "(replicas 2 + surge 1) x workers 3 x (pool size 4 + overflow 1) + migrations 1 + reserve 2 = 48 connections"
    )


def test_demand_is_taken_from_the_settings() -> None:
    """Every factor is a setting."""
    settings = Settings(
        database_url="sqlite+aiosqlite://", replicas=2, workers=3, database_pool_size=4, database_max_overflow=1
    )
    assert Demand.of(settings) == DEMAND


@pytest.mark.parametrize("grant", [Grant(48, None, None), Grant(100, 48, None), Grant(100, 50, 48)])
def test_demand_that_is_just_granted_is_no_excess(grant: Grant) -> None:
    """Exactly as many fit."""
    assert excess(DEMAND, grant) is None


@pytest.mark.parametrize("grant", [Grant(47, None, None), Grant(100, 47, None), Grant(100, 50, 47)])
def test_demand_above_the_least_limit_is_an_excess(grant: Grant) -> None:
    """The message has the sum, the limit, and what to change."""
    message = excess(DEMAND, grant)
    assert message
    assert "= 48 connections" in message
    assert "47" in message
    assert "APP_DATABASE_POOL_SIZE" in message
