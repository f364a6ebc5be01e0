"""A verdict as a person wants to know it."""

from collections import Counter

from rich.table import Table
from rich.text import Text

from seatrial.terminal.console import out
from seatrial.text import visible
from seatrial.trial.verdict import Trial


def show(found: Trial) -> None:
    """Print it."""
    table = Table("claim", "verdict", "evidence", box=None, pad_edge=False)
    for finding in found.findings:
        verdict = f"{finding.verdict} (exempt)" if finding.exempt else str(finding.verdict)
        table.add_row(finding.claim.id, verdict, Text(visible("\n".join(finding.evidence))))
    out.print(table)
    counts = Counter("exempt" if finding.exempt else str(finding.verdict) for finding in found.findings)
    out.print(f"{', '.join(f'{n} {what}' for what, n in counts.most_common())}; {found.seconds:.0f} s")
