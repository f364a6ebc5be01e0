"""The report of a trial, in three files: for programs, for a CI's list of tests, and for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seatrial.errors import ReportError
from seatrial.trial.report.document import Document
from seatrial.trial.report.junit import junit
from seatrial.trial.report.page import page
from seatrial.trial.verdict import Trial

JSON, JUNIT, PAGE = "trial.json", "trial.xml", "trial.html"


def prepare(directory: Path) -> None:
    """Make the directory, before a trial takes minutes; ReportError when it cannot be made or written."""
    with _told(directory):
        directory.mkdir(parents=True, exist_ok=True)
        partial = directory / f".{JSON}.partial"
        partial.touch()
        partial.unlink()


def write(trial: Trial, directory: Path) -> None:
    """Write trial.json, trial.xml (JUnit) and trial.html; each is whole or as it was before.

    ReportError when the directory cannot be made or written.
    """
    document = Document.of(trial)
    # All is made before anything is written: what cannot be rendered leaves the last report as it is.
    texts = {JSON: document.json_text(), JUNIT: junit(document), PAGE: page(document)}
    with _told(directory):
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            partial = directory / f".{name}.partial"
            partial.write_text(text, encoding="utf-8")
            partial.replace(directory / name)


@contextmanager
def _told(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReportError(
            f"the report's directory {directory}: {error.strerror or error}; give one that can be made and written"
        ) from error
