"""A backfill in batches: however large the table, no row is locked longer than one batch takes."""

import structlog
from alembic import op
from sqlalchemy import ColumnElement, Delete, Update, func, select

from app.migrations import turns

_log = structlog.get_logger()


def run_in_batches(statement: Update | Delete, *, key: ColumnElement[int], rows: int = 1000) -> None:
    """Run a migration's UPDATE or DELETE for so many rows at a time, in the order of the table's `key`.

    Each batch is a transaction of its own, so that a migration of this has nothing else in it. The statement's WHERE
    leaves out what is done (`colour IS NULL`): when a run is cut off, the next one goes on.
    """
    context = op.get_context()
    connection = context.connection
    if context.as_sql or connection is None:
        context.impl.static_output(f"-- to be run for {rows} rows at a time, by {key}")
        op.execute(statement)
        return
    changed, last = 0, None
    with turns.kept(connection), context.autocommit_block():
        while True:
            ahead = select(key.label("key")).order_by(key).limit(rows)
            batch = statement
            if last is not None:
                ahead, batch = ahead.where(key > last), batch.where(key > last)
            last = connection.scalar(select(func.max(ahead.subquery().c.key)))
            if last is None:
                return
            changed += connection.execute(batch.where(key <= last)).rowcount
            _log.info("batch done", table=statement.table.description, up_to=last, changed=changed)
