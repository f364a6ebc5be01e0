"""A trial on a simulated cluster, through the real kr8s: a good deployment, and bad ones that are found out."""

import asyncio
import copy
import json
import math
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from harness.tests import servers
from harness.tests.cluster.conftest import MANIFESTS
from harness.tests.cluster.simulation.cluster import Cluster
from harness.tests.cluster.test_command_line import CHECKOUT, LIMIT_SECONDS, config
from harness.tests.traffic.test_clients import fail
from harness.tests.trial import synthetic
from seatrial.cluster import client
from seatrial.command import Command
from seatrial.errors import ClusterError
from seatrial.manifests.kustomize import Object
from seatrial.podman import mapping
from seatrial.timeline import Kind
from seatrial.trial import machine, report, trying
from seatrial.trial.cluster import lifetime, play, rollout
from seatrial.trial.cluster.lifetime import ClusterLifetime
from seatrial.trial.verdict import Trial, Verdict
from seatrial.trial.window import Window
from seatrial.waiting import eventually

__all__ = ("config",)
END_SECONDS = 3 * LIMIT_SECONDS
"""Three namespaces are removed, on a machine that may be busy with other tests."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take less time: nothing has to settle, few requests are enough, and nothing is blamed on a busy machine."""
    monkeypatch.setattr(machine, "LATE_SECONDS", math.inf)
    monkeypatch.setattr(machine, "SLOW_FACTOR", math.inf)
    monkeypatch.setattr(client, "SETTLE", False)
    monkeypatch.setattr(lifetime, "IDLE_SECONDS", 0.5)
    monkeypatch.setattr(lifetime, "FIRST_SECONDS", 0.5)
    monkeypatch.setattr(lifetime, "LOADED_SECONDS", 2.0)
    monkeypatch.setattr(rollout, "BESIDE_SECONDS", 1.0)


@pytest.fixture
async def losing() -> AsyncIterator[list[Object]]:
    """Yield objects whose pods answer every request with 503."""
    async with servers.serving(fail) as port:
        yield list(yaml.safe_load_all(MANIFESTS.replace("PORT", str(port))))


async def tried(objects: list[Object], config: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """Return the trial of objects."""
    monkeypatch.setenv("KUBECONFIG", str(config))
    path = config.with_name("overlay.yaml")
    path.write_text(yaml.safe_dump_all(objects))
    return await trying.trial(path, runtime="cluster", context="simulated", tell=lambda _: None)


def verdicts(found: Trial) -> dict[str, Verdict]:
    """Return the verdicts on what was played."""
    return {each.claim.id: each.verdict for each in found.findings if not each.claim.static}


async def test_good_deployment_holds_and_leaves_nothing(
    objects: list[Object], config: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is broken; what a cluster cannot tell is not called held; the report says where it was."""
    found = await tried(objects, config, monkeypatch)
    seen = verdicts(found)
    told = {each.claim.id: each.evidence for each in found.findings if seen.get(each.claim.id) is not Verdict.HELD}
    assert Verdict.BROKEN not in seen.values(), told
    for name in ("start.ready-in-time", "sigterm.no-request-lost", "sigterm.idle.exit-code", "rollout.no-request-lost"):
        assert seen[name] is Verdict.HELD, told
    assert seen["sigterm.readiness-fails"] is Verdict.NOT_ASKED
    assert found.runtime == "cluster"
    assert "podman" not in found.versions
    assert found.versions["kubernetes"]
    report.write(found, config.with_name("report"))
    assert json.loads(config.with_name("report").joinpath("trial.json").read_text())["runtime"] == "cluster"
    assert not cluster.store.objects


async def test_subject_with_what_it_depends_on_is_tried_as_its_manifests_have_it(
    objects: list[Object], config: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a StatefulSet and a Job, with no nft for their Services; a Job that fails tells nothing of the setting."""
    monkeypatch.delattr(mapping, "nft")
    monkeypatch.setattr(Cluster, "log", lambda *_: "LIMIT is not a number")
    (it,) = (each for each in objects if each["kind"] == "Deployment")
    it["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "DB_HOST", "value": "db"}]
    for version, kind, name in (("apps/v1", "StatefulSet", "db"), ("batch/v1", "Job", "migrate")):
        beside = copy.deepcopy(it) | {"apiVersion": version, "kind": kind}
        beside["metadata"]["name"], beside["spec"]["replicas"] = name, 1
        beside["spec"]["selector"]["matchLabels"] = beside["spec"]["template"]["metadata"]["labels"] = {"app": name}
        spec = beside["spec"]["template"]["spec"]
        del spec["initContainers"], spec["containers"][0]["env"]
        objects.append(beside)
    ports = [{"port": 80, "targetPort": "http"}]
    spec = {"selector": {"app": "db"}, "ports": ports}
    objects.append({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db"}, "spec": spec})
    config.with_name("trial.toml").write_text('[setting]\nLIMIT = "soon"\n')
    found = await tried(objects, config, monkeypatch)
    seen = verdicts(found)
    told = [(each.claim.id, each.evidence) for each in found.findings if not each.claim.static]
    assert Verdict.BROKEN not in seen.values(), told
    for name in ("start.ready-in-time", "sigterm.idle.exit-code", "rollout.no-request-lost", "setting.bad-fails-fast"):
        assert seen[name] is Verdict.HELD, told
    cluster.conduct.job_exit_code = 3
    assert verdicts(await tried(objects, config, monkeypatch))["setting.bad-fails-fast"] is Verdict.NOT_RUN


async def test_pod_that_is_killed_is_found_out(
    objects: list[Object], config: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL, under load and when idle."""
    cluster.conduct.exit_code = 137
    seen = verdicts(await tried(objects, config, monkeypatch))
    assert seen["sigterm.loaded.within-grace"] is Verdict.BROKEN
    assert seen["sigterm.idle.within-grace"] is Verdict.BROKEN
    assert not cluster.store.objects


@pytest.mark.parametrize(("then", "verdict"), [((), Verdict.HELD), ((Kind.NOT_READY,), Verdict.BROKEN)])
def test_failed_attempts_alone_break_nothing(then: tuple[Kind, ...], verdict: Verdict) -> None:
    """The kubelet tells of no attempt that succeeds: what they lead to is what counts."""
    failed = synthetic.event(5.0, Kind.ATTEMPT_FAILED, "web/readiness", "timed out")
    events = [failed, *(synthetic.event(6.0, kind) for kind in then)]
    lived = ClusterLifetime(**vars(synthetic.lifetime(record=synthetic.record(events))))
    assert lived.stays_ready(Window(failed.at - 1, failed.at + 2)).verdict is verdict


async def test_pod_that_is_never_ready_is_found_out(
    objects: list[Object], config: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes after it is not told."""
    monkeypatch.setattr(play, "UNPROMISED_SECONDS", 1.0)
    monkeypatch.setattr(play, "CLUSTER_SECONDS", 0.0)
    cluster.conduct.starts = False
    seen = verdicts(await tried(objects, config, monkeypatch))
    assert seen["start.ready-in-time"] is Verdict.BROKEN
    assert seen["sigterm.loaded.within-grace"] is Verdict.NOT_RUN
    assert seen["rollout.no-request-lost"] is Verdict.NOT_RUN


@pytest.mark.parametrize(("given", "verdict"), [("soon", Verdict.HELD), ("unread", Verdict.BROKEN)])
async def test_bad_setting_has_to_end_the_start(
    objects: list[Object], config: Path, monkeypatch: pytest.MonkeyPatch, given: str, verdict: Verdict
) -> None:
    """The start is refused by an init container, or it is ready all the same."""
    config.with_name("trial.toml").write_text(f'[setting]\nLIMIT = "{given}"\n')
    monkeypatch.setattr(Cluster, "log", lambda *_: "LIMIT is not a number")
    assert verdicts(await tried(objects, config, monkeypatch))["setting.bad-fails-fast"] is verdict


async def test_lost_requests_are_found_out(losing: list[Object], config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under load, and in a rollout."""
    seen = verdicts(await tried(losing, config, monkeypatch))
    assert seen["load.requests-are-answered"] is Verdict.BROKEN
    assert seen["rollout.no-request-lost"] is Verdict.BROKEN


async def test_context_has_no_default(objects: list[Object], config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contexts that there are are told."""
    monkeypatch.setenv("KUBECONFIG", str(config))
    path = config.with_name("overlay.yaml")
    path.write_text(yaml.safe_dump_all(objects))
    with pytest.raises(ClusterError, match="--context NAME; the kubeconfig has simulated"):
        await trying.trial(path, runtime="cluster", tell=lambda _: None)


def command(*options: str) -> tuple[str, ...]:
    """Return the command line of a trial."""
    return (sys.executable, "-m", "seatrial", "trial", "--runtime", "cluster", *options)


async def test_command_without_context_could_not_run(config: Path, objects: list[Object]) -> None:
    """Exit code 2, one message with the contexts that there are."""
    path = config.with_name("overlay.yaml")
    path.write_text(yaml.safe_dump_all(objects))
    done = await Command(command(str(path)), LIMIT_SECONDS, cwd=CHECKOUT, env={"KUBECONFIG": str(config)}).run()
    assert done.returncode == 2
    assert "--context NAME; the kubeconfig has simulated" in done.stderr
    assert "Traceback" not in done.stderr


async def test_interrupted_command_leaves_nothing(config: Path, objects: list[Object], cluster: Cluster) -> None:
    """Ctrl-C while pods do not start: every namespace is removed before it exits."""
    cluster.conduct.hold_back = True
    path = config.with_name("overlay.yaml")
    path.write_text(yaml.safe_dump_all(objects))
    process = await asyncio.create_subprocess_exec(
        *command(str(path), "--context", "simulated"),
        cwd=CHECKOUT,
        env={**os.environ, "KUBECONFIG": str(config)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        await eventually(lambda: any("/pods/" in each for each in cluster.store.objects), END_SECONDS, "pods")
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(END_SECONDS):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 130, output.decode()
    assert "Traceback" not in output.decode()
    assert not cluster.store.objects, output.decode()
