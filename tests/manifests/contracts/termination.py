"""The time a pod has to end: whether what it must do in it fits."""

import math
from collections.abc import Iterator
from contextlib import suppress

from pydantic import ValidationError

from app.serving.gunicorn import LIFESPAN_SECONDS
from app.settings import Settings, variable
from tests.harness.manifests import Container
from tests.manifests.overlay import Overlay, Workload, is_ours

MARGIN_SECONDS = 5.0  # a busy node is late with everything
BOOT_SECONDS = 5.0  # a new worker on a busy machine
PROPAGATION_SECONDS = 1.0  # kube-proxy's minSyncPeriod: removed endpoints reach the rules that late


def _services(overlay: Overlay) -> Iterator[tuple[Workload, Container, Settings]]:
    """Return the containers that run the service, each with its settings: the manifests', else the defaults."""
    names = (
        "lame_duck_seconds",
        "linger_seconds",
        "drain_seconds",
        "request_timeout_seconds",
        "worker_timeout_seconds",
    )
    for workload in overlay.workloads():
        for container, raw in zip(workload.template.containers, workload.spec["containers"], strict=True):
            if not is_ours(container.image):
                continue
            variables = overlay.environment(raw)
            given = {name: variables[variable(name)] for name in names if variable(name) in variables}
            with suppress(ValidationError):  # another contract's business
                yield workload, container, Settings.model_validate({"database_url": "sqlite+aiosqlite://", **given})


def termination_budget(overlay: Overlay) -> Iterator[str]:
    """Lame duck, linger, drain, the lifespan's end and a margin fit the grace period."""
    for workload, _, settings in _services(overlay):
        grace = workload.template.grace_period_seconds
        parts = (settings.lame_duck_seconds, settings.linger_seconds, settings.drain_seconds)
        needed = math.ceil(sum(parts) + LIFESPAN_SECONDS) + MARGIN_SECONDS
        if needed > grace:
            yield (
                f"{workload.name}: lame duck {parts[0]:g} + linger {parts[1]:g} + drain {parts[2]:g} "
                f"+ clean-up {LIFESPAN_SECONDS:g} + margin {MARGIN_SECONDS:g} = {needed:g} "
                f"> terminationGracePeriodSeconds {grace:g}"
            )


def lame_duck_outlasts_readiness(overlay: Overlay) -> Iterator[str]:
    """The lame duck lasts until a load balancer that follows readiness has noticed."""
    for workload, container, settings in _services(overlay):
        if probe := container.readiness:
            period, threshold, timeout = probe.period_seconds, probe.failure_threshold, probe.timeout_seconds
            needed = period * threshold + timeout + PROPAGATION_SECONDS
            if needed > settings.lame_duck_seconds:
                yield (
                    f"{workload.name}: readiness {threshold} x {period:g} + timeout {timeout:g} "
                    f"+ propagation {PROPAGATION_SECONDS:g} = {needed:g} "
                    f"> {variable('lame_duck_seconds')} {settings.lame_duck_seconds:g}"
                )


def hung_worker_is_replaced_before_the_pod(overlay: Overlay) -> Iterator[str]:
    """A worker that hangs is replaced by gunicorn before liveness, which may ask that very worker, restarts the pod."""
    for workload, container, settings in _services(overlay):
        if probe := container.liveness:
            earliest = (probe.failure_threshold - 1) * probe.period_seconds + probe.timeout_seconds
            needed = settings.worker_timeout_seconds + BOOT_SECONDS
            if needed > earliest:
                yield (
                    f"{workload.name}: {variable('worker_timeout_seconds')} {settings.worker_timeout_seconds} "
                    f"+ start {BOOT_SECONDS:g} = {needed:g} > liveness ({probe.failure_threshold} - 1) x "
                    f"{probe.period_seconds:g} + timeout {probe.timeout_seconds:g} = {earliest:g}"
                )
