"""The image of a next release: this one's, and one migration more."""

import base64

from app import schema
from images import service
from seatrial.command import Command
from seatrial.errors import ImageError
from seatrial.podman.client import environment

EXPANDS, CONTRACTS = "localhost/seatrial:next-expands", "localhost/seatrial:next-contracts"
REVISION = "9001"
DECLARED = {EXPANDS: "expands = True", CONTRACTS: f"contracts = {REVISION!r}"}
BUILD_SECONDS = 900.0
FILE = "app/migrations/versions/9001_next.py"

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = {revision!r}, {parent!r}, None, None
{declared}

def upgrade():
    op.add_column("notes", sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False))
"""


def migration(image: str) -> str:
    """Return the text of the migration that an image has more."""
    return MIGRATION.format(revision=REVISION, parent=schema.head(), declared=DECLARED[image])


def lines(image: str) -> str:
    """Return the lines of a Containerfile that add it to this release."""
    encoded = base64.b64encode(migration(image).encode()).decode()
    return f"USER 0\nRUN echo {encoded} | base64 --decode > {FILE}\nUSER 10001:10001"


async def build(image: str) -> str:
    """Build one on this release's image, which is there, and return its name."""
    given = f"FROM {service.reference()}\n{lines(image)}\n".encode()
    command = Command(
        ("podman", "build", "--quiet", f"--tag={image}", "-"), BUILD_SECONDS, stdin=given, env=environment()
    )
    (await command.run()).check(ImageError)
    return image
