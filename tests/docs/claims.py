"""The claims: a page each, and the list of them."""

from collections.abc import Iterator

from seatrial.advice import advice
from seatrial.trial import catalogue
from seatrial.trial.verdict import Claim

INDEX = "README.md"


def pages() -> dict[str, str]:
    """Return the text of each page by its name in docs/claims."""
    claims = catalogue.claims()
    return {INDEX: "\n".join(_index(claims)) + "\n"} | {
        f"{claim.id}.md": "\n".join(_page(claim)) + "\n" for claim in claims
    }


def _index(claims: list[Claim]) -> Iterator[str]:
    yield "# Claims"
    yield ""
    yield "What `seatrial check` and `seatrial trial` ask of a deployment. Written by `uv run python -m tests.docs`."
    for heading, static in (("What YAML alone tells: `check`, and `trial`", True), ("What is tried: `trial`", False)):
        yield ""
        yield f"## {heading}"
        yield ""
        yield "| claim | severity | says |"
        yield "|---|---|---|"
        for claim in claims:
            if claim.static is static:
                said = advice(claim.id)
                assert said is not None, claim.id
                sentence = claim.sentence.replace("|", "\\|")
                yield f"| [`{claim.id}`]({claim.id}.md) | {said.severity} | {sentence} |"


def _page(claim: Claim) -> Iterator[str]:
    said = advice(claim.id)
    assert said is not None, claim.id
    yield f"# {claim.id}"
    yield ""
    yield claim.sentence
    yield ""
    told = (
        "`seatrial check` and `seatrial trial` tell it from the YAML" if claim.static else "`seatrial trial` tries it"
    )
    yield f"Severity: **{said.severity}**. {told}. {said.remedy}"
    for heading, text in (
        ("Why it matters", said.why),
        ("The arithmetic", said.arithmetic),
        ("What breaks it", said.breaks),
    ):
        if text:
            yield ""
            yield f"## {heading}"
            yield ""
            yield text
    yield ""
    yield "## How to mend it"
    yield ""
    yield f"```{_language(said.mend)}"
    yield said.mend
    yield "```"
    yield ""
    yield f"Source: <{said.reference}>"


def _language(code: str) -> str:
    """Return the name by which a code block is coloured."""
    if code.startswith("$ "):
        return "console"
    return "yaml" if ":" in code.splitlines()[0] and "(" not in code.splitlines()[0] else "text"
