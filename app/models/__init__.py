"""The tables."""

from app.models.base import MAX_ID, Base
from app.models.constraints import breaks_unique
from app.models.note import Note

__all__ = ["MAX_ID", "Base", "Note", "breaks_unique"]
