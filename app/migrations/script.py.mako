"""${message[:1].upper()}${message[1:].rstrip(".")}.

Revises: ${down_revision | comma,n}
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
# To be decided, see docs/database.md: True if it leaves every older release as it was; else put in the place of this
# line which is the oldest revision whose release works on what it leaves, as `contracts` and a string.
expands = None


def upgrade() -> None:
    """Go to this revision."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Go back to the revision before."""
    ${downgrades if downgrades else "pass"}
