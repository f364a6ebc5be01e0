"""A connection to PostgreSQL through a pooler in transaction mode: what holds where no session lasts.

Each transaction may run on another of the pooler's own connections. So a limit is set for a transaction, not for a
session, in the round trip after its BEGIN; and a statement has no name that another connection would not know: asyncpg
sends it again with its parameters. Outside of a transaction the driver's own timeout ends a statement: it asks the
server to cancel it, through the pooler.
"""

from typing import Any

from asyncpg import Connection
from asyncpg.transaction import Transaction


def transaction_mode(set_limits: str) -> dict[str, Any]:
    """Return arguments of asyncpg's and SQLAlchemy's `connect`; `set_limits` is executed where a transaction begins."""

    class LimitedTransaction(Transaction):  # type: ignore[misc]  # asyncpg has no types
        async def start(self) -> None:
            await super().start()
            await self._connection.execute(set_limits)

    class PooledConnection(Connection):  # type: ignore[misc]  # as above
        def transaction(
            self, *, isolation: str | None = None, readonly: bool = False, deferrable: bool = False
        ) -> Transaction:
            return LimitedTransaction(self, isolation, readonly, deferrable)

    return {
        "connection_class": PooledConnection,
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": str,  # no name at all
    }
