"""Pods of a simulated cluster: how they end, what is run in them, and what their kubelet tells."""

import time

import pytest

from harness.tests.cluster.simulation.cluster import Cluster
from seatrial.cluster import eviction
from seatrial.cluster import pod as pods
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import ApiError, ClusterError, LimitExceededError
from seatrial.manifests.kustomize import Object
from seatrial.timeline import Kind
from tests.e2e.cluster import claims

LIMIT_SECONDS = 20.0


async def test_terminated_pod_is_told_with_its_exit_code_and_time(
    runtime: ClusterRuntime, objects: list[Object]
) -> None:
    """Deleted, signalled, exited, terminated, in this order, and out of service at once."""
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        deleted_at = time.monotonic()
        (ended,) = await deployment.pod.terminate()
        assert (ended.exit_code, ended.sigkilled) == (0, False)
        assert 0 < ended.seconds < 5
        kinds = (Kind.SIGNALLED, Kind.EXITED, Kind.TERMINATED)
        assert deployment.timeline.trajectory("it", *kinds) == list(kinds)
        assert list(claims.of_endpoints(deployment.timeline, deployment.pod.name, deleted_at)) == []


async def test_pod_that_ends_by_sigkill_is_found_out(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """Exit code 137."""
    cluster.conduct.exit_code = 137
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        (ended,) = await deployment.pod.terminate()
        assert ended.sigkilled
        assert ended.exit_code == 137


async def test_pod_whose_endpoints_stay_is_found_out(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """The claim that it leaves its Services is broken."""
    cluster.conduct.keeps_endpoints = True
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        deleted_at = time.monotonic()
        await deployment.pod.terminate()
        (breach,) = claims.of_endpoints(deployment.timeline, deployment.pod.name, deleted_at)
        assert breach.endswith("was deleted and stayed an endpoint")


async def test_pod_that_does_not_end_is_told_at_the_limit(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grace period and a while for the kubelet's word, then the timeline."""
    monkeypatch.setattr(pods, "UPDATE_SECONDS", 0.2)
    cluster.conduct.ends_after_seconds = 60.0
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        with pytest.raises(
            LimitExceededError, match=r"(?s)container it of pod it-\S+, deleted, has ended.*--- timeline"
        ):
            await deployment.pod.terminate(grace_seconds=1)


async def test_pod_that_goes_without_a_word_is_an_error(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """No exit code is made up for it."""
    cluster.conduct.says_how_it_ended = False
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        with pytest.raises(ClusterError, match="without a word of how it ended"):
            await deployment.pod.terminate()


async def test_signal_that_the_kubelet_does_not_tell_of_is_told_to_be_unknown(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its moment is recorded with that said."""
    monkeypatch.setattr(pods, "KILLING_SECONDS", 0.1)
    cluster.conduct.says_killing, cluster.conduct.ends_after_seconds = False, 1.0
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        await deployment.pod.terminate()
        (signalled,) = deployment.timeline.of(Kind.SIGNALLED)
        assert "no word of the kubelet" in signalled.detail


async def test_failed_attempts_and_restarts_are_told_as_on_podman(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object]
) -> None:
    """The kubelet's events, each time they are counted up; what it does not tell is not made up."""
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        path = f"/api/v1/namespaces/{deployment.namespace}/pods/{deployment.pod.name}"
        for count in (1, 2, 2):
            message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
            await cluster.event(path, "it", "Unhealthy", message, count)
        await cluster.event(path, "it", "Killing", "Container it failed liveness probe, will be restarted")
        await deployment.pod.until(lambda: bool(deployment.timeline.of(Kind.UNHEALTHY)), LIMIT_SECONDS, "it is told")
        failed = deployment.timeline.of(Kind.ATTEMPT_FAILED, subject="it/readiness")
        assert [event.detail for event in failed] == ["HTTP probe failed with statuscode: 503"] * 2
        assert not deployment.timeline.of(Kind.ATTEMPT_SUCCEEDED)


async def test_command_in_a_container_is_told_with_its_exit_code_and_output(
    runtime: ClusterRuntime, objects: list[Object]
) -> None:
    """Its stdout and stderr apart; success is 0."""
    async with runtime.deployed(objects) as deployment:
        program = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
        done = await deployment.pod.exec(("python3", "-c", program))
        assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")
        assert (await deployment.pod.exec(("true",))).returncode == 0


async def test_command_that_does_not_end_is_told_at_the_limit(
    runtime: ClusterRuntime, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was run, where, and for how long."""
    monkeypatch.setattr(pods, "EXEC_SECONDS", 0.5)
    async with runtime.deployed(objects) as deployment:
        with pytest.raises(ApiError, match=r"exec of sleep in .*/pods/it-.*did not end within 0.5 s"):
            await deployment.pod.exec(("sleep", "60"))


async def test_command_whose_connection_ends_is_an_error(runtime: ClusterRuntime, objects: list[Object]) -> None:
    """A pod that is not there any more: no exit code is made up."""
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        await deployment.pod.terminate()
        with pytest.raises(ApiError, match=r"/pods/it-\S+/exec: refused with 403"):
            await deployment.pod.exec(("true",))


async def test_budget_that_refuses_an_eviction_is_asked_again_until_the_limit(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second eviction is 429 until the first pod is replaced; if it never is, the limit has the server's words."""
    monkeypatch.setattr(eviction, "RETRY_SECONDS", 0.05)
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        one, two = [pod["metadata"]["name"] for pod in deployment.observer.of(deployment.workload)]
        api, namespace = deployment.api, deployment.namespace
        await eviction.evict(api, namespace, one, LIMIT_SECONDS)
        assert "disruption budget" in str(await eviction.refusal(api, namespace, two))
        await eviction.evict(api, namespace, two, LIMIT_SECONDS)
        monkeypatch.setattr(cluster, "may_evict", lambda _: False)
        gone = deployment.observer.gone
        await deployment.pod.until(lambda: two in gone, LIMIT_SECONDS, "the second is gone, too")
        await deployment.pod.until(
            lambda: bool(deployment.observer.of(deployment.workload)), LIMIT_SECONDS, "one is back"
        )
        three = deployment.observer.of(deployment.workload)[0]["metadata"]["name"]
        with pytest.raises(LimitExceededError, match=r"pod \S+ may be evicted; .*violate the pod's disruption budget"):
            await eviction.evict(api, namespace, three, 0.3)
