"""`seatrial doctor`: what this machine has and lacks."""

import click

from seatrial.cli.verb import BROKEN, Verb
from seatrial.terminal.console import out
from seatrial.text import visible


@click.command(cls=Verb)
def doctor() -> int:
    """Say what this machine lacks for each verb, and what mends it.

    0 says that `check`, `trial` and `up` lack nothing, 1 that they do. What only some need is told, and does not count.
    """
    from seatrial import doctor as examination

    needs = list(examination.needs())
    for need in needs:
        sign, style = ("!", "red") if need.lacking else ("?", "yellow") if need.mend else (" ", None)
        out.print(visible(f"{sign} {need.name}: {need.there}"), markup=False, style=style, soft_wrap=True)
        out.print(f"    for {need.verbs}", markup=False, style="dim", soft_wrap=True)
        if need.mend:
            out.print(visible(f"    mend: {need.mend}"), markup=False, soft_wrap=True)
    lacking = [need.name for need in needs if need.lacking]
    out.print(f"lacking: {', '.join(lacking)}" if lacking else "nothing is lacking", markup=False)
    return BROKEN if lacking else 0
