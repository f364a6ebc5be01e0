"""What wrk's script prints."""

import pytest

from bench.errors import BenchError
from bench.load import parse


def printed(requests: int = 6000, failed: int = 0) -> str:
    """Return the end of wrk's output."""
    return (
        "Running 2s test\n"
        f'{{"requests": {requests}, "microseconds": 2000000, "failed": {failed}, "p50_us": 1500, "p99_us": 9000}}\n'
    )


def test_a_load_has_its_rate_and_percentiles() -> None:
    """Microseconds become seconds and milliseconds."""
    load = parse(printed())
    assert (load.rate, load.p50_ms, load.p99_ms) == (3000, 1.5, 9)


@pytest.mark.parametrize("text", [printed(failed=1), printed(requests=0)])
def test_a_load_with_failures_or_without_requests_is_void(text: str) -> None:
    """An error is answered faster than a request: its speed means nothing."""
    with pytest.raises(BenchError, match="requests failed"):
        parse(text)
