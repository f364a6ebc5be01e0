"""The time the service has to end: whether what it must do in it fits."""

from collections.abc import Iterator

from app.serving.gunicorn import LIFESPAN_SECONDS, Gunicorn
from seatrial.contracts.arithmetic import Term, at_most, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.contracts.probes import patience
from seatrial.contracts.termination import MARGIN, PROPAGATION, pre_stop
from tests.manifests.contracts.service import services

CLEAN_UP = term("clean-up", LIFESPAN_SECONDS, "app/serving/gunicorn.py")
BOOT = term("start", 5, "a new worker on a busy machine")


@contract
def termination_budget(overlay: Overlay) -> Iterator[Check]:
    """Lame duck, linger, drain and the lifespan's end fit what gunicorn waits, and that the grace period."""
    for service in services(overlay):
        where = service.container.where
        parts = [service.term(field) for field in ("lame_duck_seconds", "linger_seconds", "drain_seconds")]
        waits = term("graceful_timeout", Gunicorn(service.settings).cfg.graceful_timeout, "app/serving/gunicorn.py")
        grace = term("terminationGracePeriodSeconds", service.container.workload.grace_period_seconds)
        yield at_most(where, parts[0] + parts[1] + parts[2] + CLEAN_UP, waits)
        yield at_most(where, pre_stop(service.container) + waits + MARGIN, grace)


@contract
def lame_duck_outlasts_readiness(overlay: Overlay) -> Iterator[Check]:
    """The lame duck lasts until a load balancer that follows readiness has noticed."""
    for service in services(overlay):
        if probe := service.container.probes.get("readiness"):
            timeout = term("timeoutSeconds", probe.seconds("timeoutSeconds"))
            noticed = patience(probe) + timeout + PROPAGATION
            yield at_most(service.container.where, noticed, service.term("lame_duck_seconds"))


@contract
def hung_worker_is_replaced_before_the_pod(overlay: Overlay) -> Iterator[Check]:
    """A worker that hangs is replaced by gunicorn before liveness, which may ask that very worker, restarts the pod."""
    for service in services(overlay):
        if probe := service.container.probes.get("liveness"):
            period, timeout = (term(field, probe.seconds(field)) for field in ("periodSeconds", "timeoutSeconds"))
            threshold = probe.seconds("failureThreshold")
            earlier = Term(f"(liveness failureThreshold {threshold} - 1)", threshold - 1)
            yield at_most(
                service.container.where, service.term("worker_timeout_seconds") + BOOT, earlier * period + timeout
            )
