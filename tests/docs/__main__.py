"""The entry, `python -m tests.docs`: it writes what is written from code."""

from tests.docs.generated import documents

for path, text in documents().items():
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
