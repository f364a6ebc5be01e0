"""`seatrial compare`: what has changed from one report to another."""

from pathlib import Path

import click

from seatrial.cli.verb import BROKEN, Verb
from seatrial.terminal.console import out


@click.command(cls=Verb)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def compare(old: Path, new: Path) -> int:
    """Tell what is newly broken and what is mended, by two reports.

    A report is a `trial.json`, the directory that `--report` wrote it to, or what `--format json` has written.

    0 says that nothing is newly broken, 1 that something is.
    """
    from seatrial.trial.report import comparison

    found = comparison.compare(comparison.read(old), comparison.read(new))
    for heading, claims in (
        ("newly broken", found.broken),
        ("mended", found.mended),
        ("newly untold", found.untold),
    ):
        for claim in claims:
            out.print(f"{heading}: {claim.id}: {'; '.join(claim.evidence[:1])}", markup=False, soft_wrap=True)
    out.print(
        f"{len(found.broken)} newly broken, {len(found.mended)} mended, {len(found.untold)} newly untold; "
        f"{found.same} as before",
        markup=False,
    )
    return BROKEN if found.broken else 0
