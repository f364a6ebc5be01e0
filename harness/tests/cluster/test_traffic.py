"""Traffic from inside a simulated cluster: the real sender, shipped by a real exec, to a real server."""

import ast
import sys
import time
from collections.abc import AsyncIterator

import pytest
import yaml

from harness.tests import servers
from harness.tests.cluster.conftest import MANIFESTS
from harness.tests.cluster.simulation.cluster import Cluster
from harness.tests.cluster.simulation.server import ApiServer
from harness.tests.traffic.test_clients import reset_mid_answer
from seatrial.cluster import client as clients
from seatrial.cluster import sender
from seatrial.cluster.lead import Lead
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.cluster.shipment import ship, sources
from seatrial.errors import ClusterError, LimitExceededError
from seatrial.manifests.kustomize import Object
from seatrial.timeline import Kind
from seatrial.traffic.clients import Client, KeepAlive, NewConnection
from seatrial.traffic.exchange import Failure, Outcome, Request
from tests.e2e import notes
from tests.e2e.cluster import claims

LIMIT_SECONDS = 30.0


def get() -> Request:
    """Return a request."""
    return Request("/")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say that the way is settled after the first connection: nothing has to settle here."""
    monkeypatch.setattr(clients, "SETTLE", False)


@pytest.fixture
async def losing() -> AsyncIterator[list[Object]]:
    """Yield objects whose pods lose requests."""
    async with servers.serving(reset_mid_answer) as port:
        yield list(yaml.safe_load_all(MANIFESTS.replace("PORT", str(port))))


async def test_traffic_is_sent_from_inside_and_its_outcomes_come_back_in_this_machines_time(
    runtime: ClusterRuntime, objects: list[Object]
) -> None:
    """Through the Service, by both kinds of clients; each outcome lies between its beginning here and its end here."""
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        (port,) = deployment.pod.template.containers[0].ports
        began = time.monotonic()
        senders: list[Client] = [KeepAlive(get, rate=100), NewConnection(get, rate=50)]
        async with deployment.traffic(port.container_port, senders) as traffic:
            await deployment.pod.until(lambda: len(traffic.outcomes) >= 100, LIMIT_SECONDS, "requests are answered")
        ended = time.monotonic()
        assert list(claims.of_requests(traffic, at_least=100)) == []
        assert {outcome.client for outcome in traffic.outcomes} == {"keep-alive", "new-connection"}
        assert all(began < outcome.sent_at <= outcome.ended_at < ended for outcome in traffic.outcomes)


async def test_lost_requests_are_found_out(runtime: ClusterRuntime, losing: list[Object]) -> None:
    """A server that resets connections mid-answer: every request failed, and how is told."""
    async with runtime.deployed(losing) as deployment:
        (port,) = deployment.pod.template.containers[0].ports
        async with deployment.traffic(port.container_port, [NewConnection(get, rate=50)]) as traffic:
            await deployment.pod.until(lambda: len(traffic.outcomes) >= 10, LIMIT_SECONDS, "requests have outcomes")
        assert {outcome.failure for outcome in traffic.outcomes} == {Failure.RESET}
        assert "requests failed" in next(claims.of_requests(traffic, at_least=1))


async def test_one_request_is_held_at_one_pod(runtime: ClusterRuntime, objects: list[Object]) -> None:
    """Its body takes its time, and it is answered."""
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        (port,) = deployment.pod.template.containers[0].ports
        outcome = await deployment.hold(deployment.pod, port.container_port, notes.write(), for_seconds=0.5)
        assert outcome.ok
        assert outcome.ended_at - outcome.sent_at >= 0.5


async def test_traffic_goes_by_port_forward_where_no_client_can_be_made(
    runtime: ClusterRuntime, server: ApiServer, objects: list[Object], told: list[str]
) -> None:
    """It says why, and the requests are answered all the same."""
    server.refuse["POST", "/pods"] = 422
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        (port,) = deployment.pod.template.containers[0].ports
        async with deployment.traffic(port.container_port, [KeepAlive(get, rate=50)]) as traffic:
            await deployment.pod.until(lambda: len(traffic.outcomes) >= 20, LIMIT_SECONDS, "requests are answered")
        assert traffic.failed() == [], traffic
        assert deployment.timeline.of(Kind.SKIPPED, subject=clients.NAME)
        assert any("by port-forward" in line and "refuses POST /pods" in line for line in told)


async def test_client_that_never_runs_is_done_without(
    runtime: ClusterRuntime, cluster: Cluster, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state is told; it stands where the lead's pods may, and in the image of the container that serves."""
    monkeypatch.setattr(clients, "START_SECONDS", 0.5)
    cluster.conduct.unscheduled = (clients.NAME, LIMIT_SECONDS)
    (spec,) = (each["spec"]["template"]["spec"] for each in objects if each["kind"] == "Deployment")
    placing = {"imagePullSecrets": [{"name": "registry"}], "nodeSelector": {"a": "b"}, "tolerations": [{"key": "c"}]}
    spec |= {
        **placing,
        "containers": [{**spec["containers"][0], "name": "beside", "image": "x:1"}, *spec["containers"]],
    }
    async with runtime.deployed(objects, lead=Lead("it", "it")) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        (port,) = deployment.pod.template.containers[0].ports
        assert (await deployment.hold(deployment.pod, port.container_port, get(), for_seconds=0.0)).ok
        (said,) = deployment.timeline.of(Kind.SKIPPED, subject=clients.NAME)
        assert "Unschedulable" in said.detail
        made = cluster.store.objects[f"/api/v1/namespaces/{deployment.namespace}/pods/{clients.NAME}"]["spec"]
    assert {key: made[key] for key in placing} == placing
    assert made["containers"][0]["image"] == "example.com/other:2"


async def test_sender_that_ends_is_an_error_and_not_silence(
    runtime: ClusterRuntime, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its exit code and its last words."""
    monkeypatch.setattr(clients, "BOOT", "raise SystemExit('no room in here')")
    async with runtime.deployed(objects) as deployment:
        (port,) = deployment.pod.template.containers[0].ports
        with pytest.raises(
            ClusterError, match="the sender in pod seatrial-client has ended: exit code 1; no room in here"
        ):
            async with deployment.traffic(port.container_port, [KeepAlive(get, rate=10)]):
                pass


async def test_traffic_that_never_flows_is_told_at_the_limit(
    runtime: ClusterRuntime, objects: list[Object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An sender that says nothing."""
    monkeypatch.setattr(clients, "BOOT", "import sys; sys.stdin.read()")
    monkeypatch.setattr(clients, "FLOW_SECONDS", 0.5)
    async with runtime.deployed(objects) as deployment:
        (port,) = deployment.pod.template.containers[0].ports
        with pytest.raises(LimitExceededError, match=r"not within 0.5 s: traffic to 127\.0\.0\.1:\d+ flows"):
            async with deployment.traffic(port.container_port, [KeepAlive(get, rate=10)]):
                pass


def test_shipment_has_every_module_that_its_clients_are_made_of() -> None:
    """The module of the requests, what it imports of this project, and their packages; nothing of the libraries."""
    shipped = ship(notes.mixed())
    assert {"tests/e2e/notes.py", "seatrial/traffic/clients.py", "seatrial/traffic/exchange.py"} <= shipped.files.keys()
    assert "tests/e2e/__init__.py" in shipped.files
    assert not any("h11" in path for path in shipped.files)


def test_shipment_refuses_what_no_module_has() -> None:
    """A lambda cannot be found again elsewhere."""
    with pytest.raises(ClusterError, match="their functions must be of a module"):
        ship([KeepAlive(lambda: Request("/"), rate=1)])


def outcome(sent_at: float, ended_at: float, *, failed: bool) -> Outcome:
    """Return an outcome."""
    return Outcome("it", sent_at, ended_at, None if failed else 200, Failure.RESET if failed else None)


@pytest.mark.parametrize(
    ("outcomes", "breach"),
    [
        ([outcome(9, 10, failed=True), outcome(9.5, 10.2, failed=True), outcome(9, 11, failed=False)], ""),
        ([], ""),
        ([outcome(9, 10, failed=True), outcome(11, 12, failed=True)], "sent up to 1.00 s after others had failed"),
        ([outcome(3, 4, failed=True)], "4.00 s before the kill"),
    ],
)
def test_requests_lost_to_an_outright_kill_were_in_flight_at_one_moment(outcomes: list[Outcome], breach: str) -> None:
    """One that was sent after others had failed met a pod that was gone: that is no price of the kill itself."""
    found = list(claims.of_an_outright_kill(outcomes, killed_at=8.0))
    assert (breach in found[0]) if breach else not found


def test_what_is_shipped_needs_no_more_than_python_and_h11() -> None:
    """The image of the service has no more of the harness's libraries."""
    imported = {
        name.partition(".")[0]
        for text in sources([sender.__name__, notes.__name__]).values()
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - sys.stdlib_module_names == {"h11", "seatrial"}
