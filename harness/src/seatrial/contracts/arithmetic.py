"""Arithmetic that shows itself: terms that know their names and sources, and comparisons of them."""

from dataclasses import dataclass

from seatrial.contracts.contract import Check
from seatrial.manifests.place import Place


@dataclass(frozen=True)
class Term:
    """A number and how it came about; + and x of terms are terms. `rank` is 0 for a number, 1 for x, 2 for +."""

    text: str
    value: float
    rank: int = 0

    def __add__(self, other: "Term") -> "Term":
        return Term(f"{self} + {other}", self.value + other.value, 2)

    def __mul__(self, other: "Term") -> "Term":
        return Term(f"{self._factor()} x {other._factor()}", self.value * other.value, 1)

    def __str__(self) -> str:
        return self.text

    def result(self) -> str:
        """Return the text with its value, where the text does not end in it."""
        return f"{self} = {number(self.value)}" if self.rank else self.text

    def _factor(self) -> str:
        return f"({self})" if self.rank > 1 else self.text


def number(value: float) -> str:
    """Return a number as people write it, to two digits behind the point."""
    return f"{round(value, 2):.15g}"


def term(name: str, value: float, source: str = "") -> Term:
    """Return a named number; `source` says where it stands, if its name does not."""
    return Term(f"{name} {number(value)}" + (f" ({source})" if source else ""), value)


def at_most(where: Place, needed: Term, limit: Term) -> Check:
    """Check that what is needed is not more than the limit."""
    holds = needed.value <= limit.value
    return Check(where, holds, f"{needed.result()} {'<=' if holds else '>'} {limit.result()}")


def below(where: Place, smaller: Term, larger: Term) -> Check:
    """Check that one is less than the other."""
    holds = smaller.value < larger.value
    return Check(where, holds, f"{smaller.result()} {'<' if holds else '>='} {larger.result()}")
