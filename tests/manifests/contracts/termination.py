"""The time a pod has to end: whether what it must do in it fits."""

import math
from collections.abc import Iterator

from pydantic import ValidationError

from app.serving.gunicorn import LIFESPAN_SECONDS
from app.settings import Settings, variable
from tests.manifests.overlay import Overlay

MARGIN_SECONDS = 5.0  # a busy node is late with everything
PROPAGATION_SECONDS = 1.0  # kube-proxy's minSyncPeriod: removed endpoints reach the rules that late


def _settings(variables: dict[str, str]) -> Settings | None:
    names = ("lame_duck_seconds", "linger_seconds", "drain_seconds", "request_timeout_seconds")
    given: dict[str, str] = {name: variables[variable(name)] for name in names if variable(name) in variables}
    try:
        return Settings.model_validate({"database_url": "sqlite+aiosqlite://", **given}) if given else None
    except ValidationError:  # another contract's business
        return None


def termination_budget(overlay: Overlay) -> Iterator[str]:
    """Lame duck, linger, drain, the lifespan's end and a margin fit the grace period."""
    for workload in overlay.workloads():
        grace = workload.template.grace_period_seconds
        for container in workload.spec["containers"]:
            if settings := _settings(overlay.environment(container)):
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
    for workload in overlay.workloads():
        typed = {container.name: container for container in workload.template.containers}
        for container in workload.spec["containers"]:
            settings, probe = _settings(overlay.environment(container)), typed[container["name"]].readiness
            if settings and probe:
                period, threshold, timeout = probe.period_seconds, probe.failure_threshold, probe.timeout_seconds
                needed = period * threshold + timeout + PROPAGATION_SECONDS
                if needed > settings.lame_duck_seconds:
                    yield (
                        f"{workload.name}: readiness {threshold} x {period:g} + timeout {timeout:g} "
                        f"+ propagation {PROPAGATION_SECONDS:g} = {needed:g} "
                        f"> APP_LAME_DUCK_SECONDS {settings.lame_duck_seconds:g}"
                    )
