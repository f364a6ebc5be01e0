"""The service's containers in an overlay, with the settings that the manifests give them and where each comes from."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from app import secret_files
from app.cpus import worker_count
from app.settings import Settings, variable
from seatrial.contracts.arithmetic import Term, term
from seatrial.contracts.overlay import Overlay, Variable
from seatrial.manifests.workload import Container
from tests.manifests.overlay import is_ours
from tests.settings import SQLITE, settings_of

PLACEHOLDER_URL = SQLITE  # a Secret's content is not in the repository
PERIOD_MICROSECONDS = 100_000
FIELDS = {variable(field): field for field in Settings.model_fields}


@dataclass(frozen=True)
class Service:
    """One container of the service that serves."""

    container: Container
    settings: Settings
    sources: dict[str, str]

    def term(self, field: str) -> Term:
        """Return a number out of the settings, with the variable and who sets it."""
        return term(variable(field), float(getattr(self.settings, field)), self.sources.get(field, "default"))

    @property
    def places(self) -> Term:
        """Return how many requests may be at work in a worker."""
        given = self.sources.get("max_concurrent_requests", "by default as many as connections")
        return term(variable("max_concurrent_requests"), self.settings.concurrent_requests, given)

    @property
    def workers(self) -> Term:
        """Return how many workers there are: as the settings say, else as the service counts."""
        if self.settings.workers:
            return self.term("workers")
        limit = self.container.limit("cpu")
        source = "no cpu limit" if limit is None else f"cpu limit {limit:g}"
        return term("workers", counted_workers(limit), source)


@cache
def counted_workers(limit: float | None) -> int:
    """Return how many workers the service starts under a CPU limit, by its own count of a control group's quota."""
    with TemporaryDirectory() as name:
        quota = "max" if limit is None else f"{round(limit * PERIOD_MICROSECONDS)}"
        (Path(name) / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
        return worker_count(Path(name))


def given(overlay: Overlay, container: Container) -> dict[str, Any]:
    """Return the settings that a container gets from variables, and stand-ins for those of Secrets' files."""
    values: dict[str, Any] = {
        FIELDS[name]: PLACEHOLDER_URL if found.value is None else found.value
        for name, found in _variables(overlay, container).items()
    }
    files = overlay.secret_files(container, str(secret_files.OWN))
    return values | {FIELDS[name]: PLACEHOLDER_URL for name in files if name in FIELDS}


def services(overlay: Overlay) -> Iterator[Service]:
    """Return the containers that run the service with good settings: bad ones are another contract's business."""
    for workload in overlay.workloads():
        for container in workload.serving():
            if not is_ours(container.image):
                continue
            with suppress(ValidationError):
                settings = settings_of(**given(overlay, container))
                sources = {FIELDS[name]: found.source for name, found in _variables(overlay, container).items()}
                yield Service(container, settings, sources)


def _variables(overlay: Overlay, container: Container) -> dict[str, Variable]:
    return {name: found for name, found in overlay.environment(container).items() if name in FIELDS}
