"""The connection arithmetic."""

import pytest

from app.connection_budget import Demand, Grant, excess
from tests.settings import settings_of

DEMAND = Demand(replicas=2, workers=3, pool_size=4, max_overflow=1)  # (2 + 1) x 3 x 5 + 1 + 2


def test_demand_is_that_of_a_rollout() -> None:
    """All pods with the surge's, each worker with its whole pool, a migration and the reserve."""
    assert DEMAND.connections == 57
    assert str(DEMAND) == (
        "(replicas 2 + surge 1) x workers 3 x (pool size 4 + overflow 1 + readiness 1) "
        "+ migrations 1 + reserve 2 = 57 connections"
    )


def test_demand_is_taken_from_the_settings() -> None:
    """Every factor is a setting."""
    settings = settings_of(
        database_url="sqlite+aiosqlite://", replicas=2, workers=3, database_pool_size=4, database_max_overflow=1
    )
    assert Demand.of(settings) == DEMAND


@pytest.mark.parametrize("grant", [Grant(57, None, None), Grant(100, 57, None), Grant(100, 60, 57)])
def test_demand_that_is_just_granted_is_no_excess(grant: Grant) -> None:
    """Exactly as many fit."""
    assert excess(DEMAND, grant) is None


@pytest.mark.parametrize("grant", [Grant(56, None, None), Grant(100, 56, None), Grant(100, 60, 56)])
def test_demand_above_the_least_limit_is_an_excess(grant: Grant) -> None:
    """The message has the sum, the limit, and what to change."""
    message = excess(DEMAND, grant)
    assert message
    assert "= 57 connections" in message
    assert "56" in message
    assert "APP_DATABASE_POOL_SIZE" in message
