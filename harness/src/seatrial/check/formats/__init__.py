"""The formats of findings: for people, for programs, and for what reads them in a CI."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from seatrial.check.formats import github, markdown, sarif, text
from seatrial.errors import ManifestError, ReportError
from seatrial.trial.verdict import Trial


def _json(trial: Trial) -> str:
    from seatrial.trial.report.document import Document  # noqa: PLC0415 - pydantic takes longer than a check does

    return Document.of(trial).json_text()


def _junit(trial: Trial) -> str:
    from seatrial.trial.report.document import Document  # noqa: PLC0415 - the same
    from seatrial.trial.report.junit import junit  # noqa: PLC0415 - the same

    return junit(Document.of(trial))


FORMATS: Mapping[str, Callable[[Trial], str]] = {
    "text": text.render,
    "json": _json,
    "junit": _junit,
    "sarif": sarif.render,
    "github": github.render,
    "markdown": markdown.render,
}


@dataclass(frozen=True)
class Output:
    """A format, and the file that it is written to, None for standard output."""

    format: str
    path: Path | None = None


def output(given: str) -> Output:
    """Return what `--format FORMAT[=FILE]` asks for; ManifestError for another format."""
    name, separator, path = given.partition("=")
    if name not in FORMATS or (separator and not path):
        raise ManifestError(f"--format: given {given!r}; allowed: {', '.join(FORMATS)}, each also as FORMAT=FILE")
    return Output(name, Path(path) if separator else None)


def write(trial: Trial, outputs: Sequence[Output], out: TextIO) -> None:
    """Write the findings in each format; raises ReportError for a file that cannot be written.

    In GitHub's format the job's summary is written, too, where there is one.
    """
    for each in outputs:
        rendered = FORMATS[each.format](trial)
        try:
            if each.format == "github":
                github.summarise(markdown.render(trial))
            if each.path is None:
                out.write(rendered)
            else:
                each.path.write_text(rendered, "utf-8")
        except OSError as error:
            raise ReportError(f"--format {each.format}={each.path}: it cannot be written: {error.strerror}") from error
