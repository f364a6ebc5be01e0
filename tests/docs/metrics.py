"""The metrics as a table."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.metrics import MetricWrapperBase

from app.metrics import Metrics
from app.serving.shared_metrics import worker_exits


def registries() -> Iterator[CollectorRegistry]:
    """Yield those of a worker and of the arbiter."""
    yield Metrics(version="", revision="").registry
    registry = CollectorRegistry()
    worker_exits(registry)
    yield registry


def table() -> Iterator[str]:
    """Yield the lines of the table in docs/operations.md."""
    yield "| metric | type | labels | meaning |"
    yield "|---|---|---|---|"
    for registry in registries():
        for collector in registry._collector_to_names:  # noqa: SLF001 - collecting shows no labels before there are values
            assert isinstance(collector, MetricWrapperBase)
            metric = next(iter(collector.describe()))
            suffix = "_total" if isinstance(collector, Counter) else ""
            labels = ", ".join(f"`{label}`" for label in collector._labelnames)  # noqa: SLF001 - as above
            yield f"| `{metric.name}{suffix}` | {metric.type} | {labels} | {metric.documentation} |"
