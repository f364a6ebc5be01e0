"""A scenario: what is done to one deployment of the subject, and the claims that are judged by what was seen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from seatrial.trial.judgement import Judged
from seatrial.trial.stage import Stage
from seatrial.trial.subject import Subject

S = TypeVar("S")


@dataclass(frozen=True)
class Scenario(Generic[S]):
    """`seconds` is how long it may take; `inapplicable` says why a subject gives it nothing to do, None if it does.

    One that is `loud` sends so much traffic that another beside it would disturb it.
    """

    name: str
    sentence: str
    run: Callable[[Stage], Awaitable[S]]
    claims: tuple[Judged[S], ...]
    seconds: Callable[[Subject], float]
    inapplicable: Callable[[Subject], str | None] = lambda _: None
    loud: bool = False
