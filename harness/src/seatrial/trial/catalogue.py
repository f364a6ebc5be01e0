"""Every claim that there is, whatever is asked of it: of YAML alone, and by trying."""

from seatrial.trial import static
from seatrial.trial.claims import CLAIMS
from seatrial.trial.verdict import Claim


def claims() -> list[Claim]:
    """Return them, those that YAML alone tells first."""
    return [judged.claim for judged in (*static.CLAIMS, *CLAIMS)]
