"""Starting: ready when it is, and not before; bad settings do not start at all."""

from pathlib import Path

import pytest

from seatrial.errors import PlayError
from seatrial.logs import rendered
from seatrial.manifests.kustomize import render
from seatrial.runtime import Runtime
from seatrial.timeline import Kind
from tests.e2e.objects import service_pod_spec

LIMIT_SECONDS = 120.0


async def test_pod_becomes_ready_after_startup_has_succeeded(runtime: Runtime, overlay: Path) -> None:
    """Startup is asked first and alone; readiness is asked after it, and then the pod is ready."""
    async with runtime.deployed(overlay) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        (container,) = deployment.pod.template.containers
        asked = [
            event.subject
            for event in deployment.timeline.of(Kind.ATTEMPT_SUCCEEDED, Kind.ATTEMPT_FAILED)
            if not event.subject.endswith("/liveness")
        ]
        assert asked == sorted(asked, key=f"{container.name}/readiness".__eq__)
        assert deployment.timeline.trajectory(container.name) == [Kind.RUNNING, Kind.STARTED, Kind.READY]


async def test_pod_is_not_ready_while_startup_does_not_succeed(runtime: Runtime, overlay: Path) -> None:
    """Readiness is never asked, and the container is restarted when its startup budget is used up."""
    objects = await render(overlay)
    startup = service_pod_spec(objects)["containers"][0]["startupProbe"]
    startup.pop("httpGet", None)
    startup.update(exec={"command": ["false"]}, periodSeconds=1, failureThreshold=5)
    async with runtime.deployed(objects) as deployment:
        name = deployment.pod.template.containers[0].name
        await deployment.pod.until(lambda: deployment.pod.restarts(name) == 1, LIMIT_SECONDS, "it is restarted")
        attempts = deployment.timeline.of(Kind.ATTEMPT_SUCCEEDED, Kind.ATTEMPT_FAILED)
        assert {each.subject for each in attempts if each.subject.startswith(f"{name}/")} == {f"{name}/startup"}
        assert not deployment.timeline.of(Kind.STARTED, Kind.READY, subject=name)


async def test_liveness_stays_good_while_readiness_fails(runtime: Runtime, overlay: Path) -> None:
    """A database that is not there: never ready, with its name in the answer; started, live, and not restarted."""
    objects = await render(overlay)
    spec = service_pod_spec(objects)
    del spec["initContainers"]  # it would, rightly, not let the pod start
    spec["containers"][0]["livenessProbe"].update(periodSeconds=1)
    async with runtime.deployed(
        objects, settings={"APP_DATABASE_URL": "postgresql+asyncpg://x@127.0.0.1:1/x"}
    ) as deployment:
        name, timeline = deployment.pod.template.containers[0].name, deployment.timeline

        def attempts(kind: Kind, probe: str) -> int:
            return len(timeline.of(kind, subject=f"{name}/{probe}"))

        def attempted() -> bool:
            lived = attempts(Kind.ATTEMPT_SUCCEEDED, "liveness") >= 5 or not runtime.sees_attempts
            return lived and attempts(Kind.ATTEMPT_FAILED, "readiness") >= 5

        await deployment.pod.until(attempted, LIMIT_SECONDS, "five attempts of each")
        assert attempts(Kind.ATTEMPT_SUCCEEDED, "readiness") == attempts(Kind.ATTEMPT_FAILED, "liveness") == 0
        failed = timeline.last(Kind.ATTEMPT_FAILED, f"{name}/readiness")
        assert failed
        assert ('"database":"failed"' if runtime.sees_attempts else "503") in failed.detail
        assert timeline.trajectory(name) == [Kind.RUNNING, Kind.STARTED]


async def test_bad_setting_ends_with_78_and_its_message(runtime: Runtime, overlay: Path) -> None:
    """The pod does not start; the init container, which reads the same settings first, says why."""
    with pytest.raises(PlayError) as caught:
        async with runtime.deployed(overlay, settings={"APP_LAME_DUCK_SECONDS": "soon"}):
            pass
    assert caught.value.exit_codes == {"migrate": 78}
    assert "APP_LAME_DUCK_SECONDS: given 'soon'; allowed: a valid number" in str(caught.value)
    assert "Traceback" not in str(caught.value)


async def test_bad_setting_ends_the_service_itself_with_78(runtime: Runtime, overlay: Path) -> None:
    """Without an init container before it, the service does the same, and is not ready."""
    objects = await render(overlay)
    del service_pod_spec(objects)["initContainers"]
    async with runtime.deployed(objects, settings={"APP_DRAIN_SECONDS": "-1"}) as deployment:
        await deployment.pod.until(lambda: bool(deployment.timeline.of(Kind.EXITED)), LIMIT_SECONDS, "it ends")
        exited = deployment.timeline.first(Kind.EXITED)
        assert exited
        assert exited.exit_code == 78
        assert "APP_DRAIN_SECONDS: given '-1'; allowed: greater than 0" in rendered(await deployment.pod.logs())
        assert not deployment.timeline.of(Kind.READY)
