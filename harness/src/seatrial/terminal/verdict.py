"""A verdict as a person wants to know it: the lines of the format `text`, in colours, and wrapped where they began."""

from rich.highlighter import RegexHighlighter
from rich.padding import Padding
from rich.text import Text
from rich.theme import Theme

from seatrial.check.formats import text
from seatrial.terminal.console import out
from seatrial.trial.verdict import Trial

HEADLINES = {"broken": "bold red", "not proven": "bold yellow", "nothing": "bold green"}
"""Colours of the first line, by what it begins with."""


class _Parts(RegexHighlighter):
    """Finds the parts of a line that a reader looks for."""

    base_style = "seatrial."
    highlights = (
        r"^(?P<error>error): (?P<claim>\S+):",
        r"^(?P<warning>warning): (?P<claim>\S+):",
        r"^(?P<untold>could not be told|held|exempt|not applicable|not asked):$",
        r"^(?P<mend>mend): ",
        r"(?P<page>https://\S+)$",
    )


THEME = Theme(
    {
        "seatrial.error": "bold red",
        "seatrial.warning": "bold yellow",
        "seatrial.claim": "bold",
        "seatrial.untold": "bold",
        "seatrial.mend": "bold green",
        "seatrial.page": "dim",
    }
)


def show(trial: Trial, *, verbose: bool = False) -> None:
    """Print it, the verdict first."""
    headline, *lines = text.lines(trial, verbose=verbose)
    style = next((style for began, style in HEADLINES.items() if headline.startswith(began)), "bold")
    with out.use_theme(THEME):
        out.print(Text(headline, style), soft_wrap=not out.is_terminal)
        for line in lines:
            _print(line)


def _print(line: str) -> None:
    words = line.lstrip()
    if out.is_terminal:
        out.print(Padding(_Parts()(Text(words)), (0, 0, 0, len(line) - len(words)), expand=False))
    else:
        out.print(Text(line), soft_wrap=True)
