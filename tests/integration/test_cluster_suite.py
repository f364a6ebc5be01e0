"""The end-to-end tests for clusters, run as they are on a simulated one: they can pass, and on a bad one they fail.

It proves the tests, not the service: there is no Kubernetes, and the pods answer whatever they are asked.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from harness.tests import servers
from harness.tests.cluster.conftest import MANIFESTS
from harness.tests.cluster.simulation.cluster import Cluster
from harness.tests.cluster.simulation.server import TOKEN, ApiServer, serving
from seatrial.cluster.kubeconfig import Context
from seatrial.command import Command, Completed

CHECKOUT = Path(__file__).parents[2]
LIMIT_SECONDS = 180.0
BUDGET = """
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: it}
"""
# The pods' port is whatever is free here.
RUN = """
import sys, pytest
from tests.e2e import notes
notes.PORT = int(sys.argv[1])
sys.exit(pytest.main(sys.argv[2:]))
"""
ROLLOUT, DISRUPTION = "tests/e2e/cluster/test_rollout.py", "tests/e2e/cluster/test_disruption.py"


class Simulated:
    """A simulated cluster, and the suite run on it; `losing` makes the pods reset one connection in a hundred."""

    def __init__(self, cluster: Cluster, url: str, directory: Path) -> None:
        self.cluster = cluster
        self.losing = False
        self.port = 0
        self._url = url
        self._directory = directory
        self._answered = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer every request of a connection, or nearly."""
        while True:
            await servers.read_request(reader)
            self._answered += 1
            if self.losing and self._answered % 100 == 0:
                servers.reset(writer)
                return
            writer.write(servers.answer())

    async def run(self, *tests: str) -> Completed:
        """Run tests, each in a namespace of its own."""
        config, overlay = self._directory / "config", self._directory / "overlay.yaml"
        context = Context("simulated", {"server": self._url}, {"token": TOKEN})
        config.write_text(yaml.safe_dump(context.configuration(self._directory)))
        overlay.write_text((MANIFESTS + BUDGET).replace("PORT", str(self.port)))
        options = (
            "-p",
            "no:cacheprovider",
            "--runtime",
            "cluster",
            "--context",
            "simulated",
            "--overlay",
            str(overlay),
        )
        argv = (sys.executable, "-c", RUN, str(self.port), *options, *tests)
        return await Command(argv, LIMIT_SECONDS, cwd=CHECKOUT, env={"KUBECONFIG": str(config)}).run()


@pytest.fixture
async def simulated(tmp_path: Path) -> AsyncIterator[Simulated]:
    """Yield a cluster whose pods take two seconds to end."""
    cluster = Cluster()
    cluster.conduct.ends_after_seconds = 2.0
    async with serving(ApiServer(cluster)) as url:
        found = Simulated(cluster, url, tmp_path)
        async with servers.serving(found.answer) as found.port:
            yield found
    await cluster.close()


async def test_claims_hold_on_a_good_cluster(simulated: Simulated) -> None:
    """A rolling update, an eviction of every pod, a pod killed outright; nothing is left."""
    done = await simulated.run(
        f"{ROLLOUT}::test_rolling_update_under_load_drops_nothing",
        f"{ROLLOUT}::test_applying_twice_changes_nothing",
        f"{DISRUPTION}::test_eviction_of_every_pod_under_load_drops_nothing",
        f"{DISRUPTION}::test_budget_refuses_a_second_eviction_until_the_first_pod_is_replaced",
        f"{DISRUPTION}::test_pod_killed_outright_costs_at_most_the_requests_in_flight_on_it",
        "tests/e2e/cluster/test_admission.py",
    )
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout
    assert not simulated.cluster.store.objects


async def test_rolling_update_that_loses_requests_fails_its_test(simulated: Simulated) -> None:
    """One in a hundred: the test says how many, and prints the timeline."""
    simulated.losing = True
    done = await simulated.run(f"{ROLLOUT}::test_rolling_update_under_load_drops_nothing")
    assert done.returncode == 1
    assert "requests failed: " in done.stdout
    assert "--- timeline" in done.stdout


async def test_failed_rollout_that_takes_the_old_pods_fails_its_test(simulated: Simulated) -> None:
    """Old pods that go although the new ones do not start."""
    simulated.cluster.conduct.keeps_old_pods = False
    done = await simulated.run(f"{ROLLOUT}::test_failed_rollout_leaves_the_old_pods_serving[spoil_setting]")
    assert done.returncode == 1, done.stdout
    assert "the old pods serve" in done.stdout
