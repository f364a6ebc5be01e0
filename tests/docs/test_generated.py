"""The documents say what the code does."""

from pathlib import Path

import pytest

from tests.docs.generated import ROOT, documents


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_document_is_as_written_from_code(path: Path) -> None:
    """`uv run python -m tests.docs` would change nothing."""
    assert path.read_text() == documents()[path]
