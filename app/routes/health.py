"""The endpoints of the three probes."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from app.lifecycle import Lifecycle, Phase
from app.metrics import Metrics
from app.readiness import Readiness

router = APIRouter(prefix="/health", tags=["health"], include_in_schema=False)


def _answer(*, success: bool, **members: Any) -> Response:
    return JSONResponse(members, HTTPStatus.OK if success else HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/live")
async def live() -> Response:
    """Liveness: the event loop turns. No dependency is asked: restarting this cannot mend another."""
    return _answer(success=True, status="alive")


@router.get("/ready")
async def ready(request: Request) -> Response:
    """Readiness: in service, and the required dependencies answer."""
    lifecycle: Lifecycle = request.app.state.lifecycle
    readiness: Readiness = request.app.state.readiness
    metrics: Metrics = request.app.state.metrics
    results = await readiness.results() if lifecycle.phase is Phase.READY else {}
    for name, result in results.items():
        metrics.dependency_asked(name, up=result == "ok")
    if lifecycle.phase is not Phase.READY:  # asked after the dependencies: SIGTERM may have come meanwhile
        return _answer(success=False, status=lifecycle.phase)
    success = readiness.serves(results)
    return _answer(success=success, status="ready" if success else "not ready", dependencies=results)


@router.get("/startup")
async def startup(request: Request) -> Response:
    """Startup: the lifespan has begun; whether its dependencies answer is readiness's business."""
    lifecycle: Lifecycle = request.app.state.lifecycle
    return _answer(success=lifecycle.phase is not Phase.STARTING, status=lifecycle.phase)
