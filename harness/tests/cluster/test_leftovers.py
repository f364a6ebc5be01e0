"""What a killed run has left on a simulated cluster is found by its label and removed; what others use is not."""

import time

import pytest

from harness.tests.cluster.simulation.cluster import Cluster
from seatrial.cluster import namespace
from seatrial.cluster.owner import STRANGERS_SECONDS, Owner
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.manifests.isolation import RUN_LABEL

HERE = Owner.of_this_process()
BOOT, PIDS, PID, BEGAN = HERE.process.split(".")
DEAD = Owner(f"{BOOT}.{PIDS}.{PID}.{int(BEGAN) - 1}", HERE.since)
ELSEWHERE = Owner("another.1.1.1", time.time())
BESIDE = Owner(f"{BOOT}.1.{PID}.1", time.time())
"""In a container on this machine: it may have this one's hostname, and its process ids tell nothing here."""
LONG_AGO = Owner("another.1.1.1", time.time() - STRANGERS_SECONDS - 1)
LONG_HERE = Owner(HERE.process, time.time() - STRANGERS_SECONDS - 1)


async def leave(cluster: Cluster, run: str, owner: str, **labels: str) -> None:
    """Make a namespace as a run does."""
    name = f"seatrial-{run}"
    metadata = {"name": name, "labels": labels or {RUN_LABEL: run}, "annotations": {"seatrial.dev/owner": owner}}
    await cluster.put(f"/api/v1/namespaces/{name}", {"kind": "Namespace", "metadata": metadata})


async def test_namespaces_of_killed_runs_are_removed_at_the_beginning(
    runtime: ClusterRuntime, cluster: Cluster, told: list[str]
) -> None:
    """Of this machine's processes that are gone, and of other machines' after hours; and it is said."""
    await leave(cluster, "dead", str(DEAD))
    await leave(cluster, "old", str(LONG_AGO))
    await leave(cluster, "alive", str(HERE))
    await leave(cluster, "strange", str(ELSEWHERE))
    await leave(cluster, "nobodys", "what is this?")
    await leave(cluster, "unlabelled", str(DEAD), other="label")
    await runtime.begin()
    left = {path.rpartition("/")[2] for path in cluster.store.objects if path.count("/") == 4}
    assert left == {"seatrial-alive", "seatrial-strange", "seatrial-nobodys", "seatrial-unlabelled"}
    assert "context simulated" in told[0]
    assert "Kubernetes v1.36.0" in told[0]
    assert [line for line in told if "seatrial-dead" in line and "killed run" in line]


async def test_leftover_that_does_not_go_is_told_and_stops_nothing(
    runtime: ClusterRuntime, cluster: Cluster, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finalizer that nobody honours would stop every later run."""
    monkeypatch.setattr(namespace, "REMOVAL_SECONDS", 0.3)
    cluster.conduct.keeps_namespaces = True
    await leave(cluster, "dead", str(DEAD))
    await runtime.begin()
    assert "seatrial-dead is not removed" in told[-1]


@pytest.mark.parametrize(
    ("owner", "gone"),
    [(HERE, False), (LONG_HERE, False), (DEAD, True), (ELSEWHERE, False), (BESIDE, False), (LONG_AGO, True)],
    ids=lambda each: str(each)[:40],
)
def test_owner_is_gone_only_when_it_certainly_is(owner: Owner, gone: bool) -> None:  # noqa: FBT001 - a parameter
    """A process with the same number is another when it began at another time."""
    assert owner.is_gone() is gone
    assert Owner.parse(str(owner)) == owner


@pytest.mark.parametrize("text", ["", "x", "1", '{"process": 1}'])
def test_text_that_names_no_owner_is_none(text: str) -> None:
    """What somebody else wrote is not taken for a killed run's."""
    assert Owner.parse(text) is None
