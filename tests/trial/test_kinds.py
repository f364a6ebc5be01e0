"""What podman itself does not do of what people deploy: a Job before the subject, a Service with a port of its own."""

from typing import Any

import pytest

from seatrial.errors import PlayError
from seatrial.kubelet import faults
from seatrial.kubelet.deployment import deployed
from seatrial.manifests.kustomize import Object
from seatrial.manifests.portable import portable
from seatrial.timeline import Kind
from seatrial.trial.configuration import Configuration
from seatrial.trial.subject import find
from seatrial.waiting import eventually

IMAGE = "docker.io/library/python:3.14-slim-trixie"
LIMIT_SECONDS = 60.0
FETCH = "import urllib.request; print(urllib.request.urlopen('http://store/', timeout=2).status)"
FAILS_ONCE = f"""import os, sys
if not os.path.exists('/kept/begun'):
    open('/kept/begun', 'w')
    sys.exit('not yet')
{FETCH}
"""


def container(name: str, *command: str) -> dict[str, Any]:
    """Return a container that runs Python."""
    return {"name": name, "image": IMAGE, "command": ["python", *command]}


def objects(job: str) -> list[Object]:
    """Return a subject that depends on a store, whose Service has another port, and a Job."""
    settings, ports = [{"name": "STORE", "value": "http://store/"}], [{"containerPort": 8000}]
    sleeps, serves = (
        container("web", "-c", "import time; time.sleep(600)"),
        container("store", "-m", "http.server", "8000"),
    )
    web = {"containers": [{**sleeps, "env": settings}]}
    store = {"containers": [{**serves, "ports": ports}], "terminationGracePeriodSeconds": 0}
    works = {**container("migrate", "-c", job), "volumeMounts": [{"name": "kept", "mountPath": "/kept"}]}
    migrate = {"restartPolicy": "Never", "containers": [works], "volumes": [{"name": "kept", "emptyDir": {}}]}

    def workload(kind: str, name: str, pod: dict[str, Any], **spec: Any) -> Object:
        template = {"metadata": {"labels": {"app": name}}, "spec": pod}
        return {"apiVersion": "x/v1", "kind": kind, "metadata": {"name": name}, "spec": {**spec, "template": template}}

    leads = {"selector": {"app": "store"}, "ports": [{"port": 80, "targetPort": 8000}]}
    service = {"kind": "Service", "metadata": {"name": "store"}, "spec": leads}
    return [
        {**workload("Deployment", "web", web), "apiVersion": "apps/v1"},
        {**workload("Job", "migrate", migrate, backoffLimit=1), "apiVersion": "batch/v1"},
        {**workload("ReplicaSet", "store", store), "apiVersion": "apps/v1"},
        {"apiVersion": "v1", **service},
    ]


async def test_job_reaches_a_service_by_its_own_port_before_the_subject_is_played_and_so_does_that() -> None:
    """The Job fails once, and is tried again; the port leads to the store also when that has been away."""
    subject = find(portable(objects(FAILS_ONCE)), "x", Configuration())
    async with deployed(subject.objects) as deployment:
        ended = deployment.timeline.of(Kind.EXITED, subject="migrate")
        assert [event.detail for event in ended] == ["exit code 1", "exit code 0"]
        played = deployment.timeline.last(Kind.PLAYED)
        assert played
        assert played.subject.startswith("web-")
        assert played.at > ended[-1].at
        store, web = deployment.pods

        async def answers() -> bool:
            return (await web.exec(["python", "-c", FETCH])).returncode == 0

        assert await answers()
        async with faults.stopped(deployment.podman, store):
            assert not await answers()
        await eventually(lambda: store.restarts("store") == 1, LIMIT_SECONDS, "the store is started again")
        await store.until_ready(LIMIT_SECONDS)
        async with faults.paused(deployment.podman, store):
            assert not await answers()
        assert await answers()


async def test_job_that_fails_too_often_is_why_it_cannot_be_played() -> None:
    """Its exit code and its last words are told, and the subject is not played."""
    subject = find(portable(objects("raise SystemExit('no such table')")), "x", Configuration())
    with pytest.raises(PlayError, match=r"(?s)failed 2 times; its backoffLimit is 1.*no such table") as told:
        async with deployed(subject.objects):
            pass
    assert told.value.exit_codes == {"migrate": 1}
