"""The documents say what the code does."""

from pathlib import Path

import pytest

from tests.docs.generated import CLAIMS, ROOT, documents


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_document_is_as_written_from_code(path: Path) -> None:
    """`uv run python -m tests.docs` would change nothing."""
    assert path.read_text() == documents()[path]


def test_page_of_a_claim_that_is_gone_is_gone() -> None:
    """Its address would promise what is not asked any more."""
    assert set(CLAIMS.iterdir()) <= documents().keys()
