"""`seatrial explain`: what a claim says, why it matters, and how to mend what breaks it."""

import click

from seatrial.cli.verb import Verb
from seatrial.errors import ManifestError
from seatrial.terminal.console import out


@click.command(cls=Verb)
@click.argument("claim", required=False)
def explain(claim: str | None) -> None:
    """Explain a claim: why it matters, and how to mend it.

    Without CLAIM, the claims are listed.
    """
    from difflib import get_close_matches

    from seatrial.advice import advice, page
    from seatrial.trial import catalogue

    sentences = {known.id: known.sentence for known in catalogue.claims()}
    if claim is None:
        width = max(map(len, sentences))
        for name, sentence in sentences.items():
            out.print(f"{name:{width}}  {sentence}", markup=False, soft_wrap=True)
        return
    if claim not in sentences:
        near = get_close_matches(claim, sentences, 3, 0.4)
        told = f"did you mean {' or '.join(near)}?" if near else "`seatrial explain` lists them"
        raise ManifestError(f"there is no claim {claim!r}; {told}")
    said = advice(claim)
    assert said is not None, claim
    out.print(f"{claim} ({said.severity})\n{sentences[claim]}", markup=False)
    parts = {
        "Why it matters": said.why,
        "The arithmetic": said.arithmetic,
        "What breaks it": said.breaks,
        "How to mend it": f"{said.remedy}\n\n{said.mend}",
        "Source": f"{said.reference}\n{page(claim)}",
    }
    for heading, text in parts.items():
        if text:
            out.print(f"\n{heading}", style="bold")
            out.print("\n".join(f"  {line}".rstrip() for line in text.splitlines()), markup=False, soft_wrap=True)
