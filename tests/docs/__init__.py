"""The parts of the documents that are written from code: `uv run python -m tests.docs`; tests hold them."""
