"""How much is measured: all of it, or a quick look whose numbers are only a hint."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Effort:
    """Rounds and durations of every measurement; wrk takes whole seconds."""

    name: str
    rounds: int
    warm_up_seconds: float
    load_seconds: float
    latency_seconds: float
    starts: int
    imports: int
    memory_rounds: int
    memory_warm_up_requests: int
    memory_requests: int
    restarts: int
    parts_rounds: int
    overload_multiples: tuple[float, ...]
    overload_capacity_seconds: float
    overload_seconds: float
    refusal_rounds: int


FULL = Effort(
    name="full",
    rounds=7,
    warm_up_seconds=1.0,
    load_seconds=5.0,
    latency_seconds=8.0,
    starts=10,
    imports=10,
    memory_rounds=3,
    memory_warm_up_requests=10_000,
    memory_requests=200_000,
    restarts=10,
    parts_rounds=5,
    overload_multiples=(0.5, 1, 2, 5, 10),
    overload_capacity_seconds=2.0,
    overload_seconds=5.0,
    refusal_rounds=3,
)
QUICK = Effort(
    name="quick",
    rounds=3,
    warm_up_seconds=1.0,
    load_seconds=1.0,
    latency_seconds=2.0,
    starts=3,
    imports=3,
    memory_rounds=1,
    memory_warm_up_requests=5_000,
    memory_requests=20_000,
    restarts=2,
    parts_rounds=1,
    overload_multiples=(2, 10),
    overload_capacity_seconds=2.0,
    overload_seconds=3.0,
    refusal_rounds=1,
)
