"""Interleaved rounds, and what they amount to: A B C A B C ..., so that a machine's slow minute hits all alike."""

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K")
S = TypeVar("S")


@dataclass(frozen=True)
class Spread:
    """The median of some samples, and between what they lie."""

    median: float
    low: float
    high: float
    samples: tuple[float, ...]


async def interleaved(
    contenders: Sequence[K], measure: Callable[[K], Awaitable[S]], rounds: int
) -> Mapping[K, Sequence[S]]:
    """Measure each contender once a round, and return every one's samples in the rounds' order."""
    samples: dict[K, list[S]] = {contender: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            samples[contender].append(await measure(contender))
    return samples


def spread(samples: Sequence[float]) -> Spread:
    """Return the samples' median and range."""
    return Spread(statistics.median(samples), min(samples), max(samples), tuple(samples))


def ratios(of: Sequence[float], to: Sequence[float]) -> Spread:
    """Return the spread of the rounds' ratios: each of the two of one round, never one median by another."""
    return spread([one / other for one, other in zip(of, to, strict=True)])


def differences(of: Sequence[float], less: Sequence[float]) -> Spread:
    """Return the spread of the rounds' differences."""
    return spread([one - other for one, other in zip(of, less, strict=True)])
