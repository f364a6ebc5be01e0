"""Two reports, one after the other: what is newly broken, mended, and newly untold."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from seatrial.errors import ReportError
from seatrial.trial.report.document import ClaimDocument, Document
from seatrial.trial.report.standing import Standing

REPORT = "trial.json"


@dataclass(frozen=True)
class Comparison:
    """The claims that stand otherwise than before, as the newer report has them; `same` is how many do not."""

    broken: tuple[ClaimDocument, ...]
    mended: tuple[ClaimDocument, ...]
    untold: tuple[ClaimDocument, ...]
    same: int


def read(path: Path) -> Document:
    """Return a report, given its file or the directory that has it; ReportError where there is none."""
    file = path / REPORT if path.is_dir() else path
    try:
        return Document.model_validate_json(file.read_text("utf-8"))
    except OSError as error:
        raise ReportError(f"{file} cannot be read: {error.strerror}; give a report, or its directory") from error
    except (ValidationError, UnicodeDecodeError) as error:
        told = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": "it is not text"}
        where = ".".join(map(str, told["loc"])) or "the whole"
        raise ReportError(f"{file} is no report of this version: {where}: {told['msg']}") from error


def compare(old: Document, new: Document) -> Comparison:
    """Return what has changed; of a claim that was broken before, only an object that breaks it newly counts."""
    before = {claim.id: claim for claim in old.claims}
    changed = [claim for claim in new.claims if _stands(before.get(claim.id)) is not claim.standing]
    broken = [
        claim for claim in new.claims if claim.standing is Standing.BROKEN and _is_new(before.get(claim.id), claim)
    ]
    mended = [
        claim
        for claim in changed
        if claim.standing is Standing.HELD and _stands(before.get(claim.id)) in (Standing.BROKEN, Standing.NOT_RUN)
    ]
    untold = [claim for claim in changed if claim.standing is Standing.NOT_RUN]
    told = {claim.id for claim in (*broken, *mended, *untold)}
    return Comparison(tuple(broken), tuple(mended), tuple(untold), len({claim.id for claim in new.claims} - told))


def _stands(claim: ClaimDocument | None) -> Standing | None:
    return claim.standing if claim else None


def _is_new(old: ClaimDocument | None, new: ClaimDocument) -> bool:
    if old is None or old.standing is not Standing.BROKEN:
        return True
    return bool({breach.object for breach in new.breaches} - {breach.object for breach in old.breaches})
