"""What is read from rendered objects."""

from typing import Any

import pytest

from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import pods
from seatrial.manifests.probe import Exec, Hook, HttpGet, Probe, Sleep, TcpSocket


def deployment(**container: Any) -> Object:
    """Return a Deployment with one container."""
    containers = [{"name": "web", "image": "image", **container}]
    return {
        "kind": "Deployment",
        "metadata": {"name": "app"},
        "spec": {"template": {"spec": {"containers": containers}}},
    }


def readiness(**probe: Any) -> Probe | None:
    """Return how a readiness probe is read."""
    ports = [{"name": "http", "containerPort": 8000}]
    (pod,) = pods([deployment(ports=ports, readinessProbe=probe)])
    return pod.containers[0].readiness


def test_pod_is_named_as_podman_names_it() -> None:
    """A Deployment's pod gets a suffix, a Pod's own name stays; other kinds make no pod."""
    spec = {"containers": [{"name": "web", "image": "image"}]}
    service = {"kind": "Service", "metadata": {"name": "app"}}
    from_deployment, from_pod = pods(
        [deployment(), {"kind": "Pod", "metadata": {"name": "one"}, "spec": spec}, service]
    )
    assert (from_deployment.name, from_deployment.containers[0].podman_name) == ("app-pod", "app-pod-web")
    assert (from_pod.name, from_pod.containers[0].podman_name) == ("one", "one-web")


def test_defaults_are_those_of_kubernetes() -> None:
    """What is left out, or 0, has Kubernetes' default."""
    (pod,) = pods([deployment()])
    assert (pod.grace_period_seconds, pod.restart_policy) == (30.0, "Always")
    assert pod.containers[0].readiness is None
    assert readiness(tcpSocket={"port": 1}, periodSeconds=0) == Probe(TcpSocket(1), 0.0, 10.0, 1.0, 1, 3, None)


def test_component_is_that_of_the_pods_label() -> None:
    """A pod without the label is what the others are components of."""
    database = deployment()
    database["spec"]["template"]["metadata"] = {"labels": {"app.kubernetes.io/component": "database"}}
    assert [pod.component for pod in pods([database, deployment()])] == ["database", None]


def test_probe_is_read_in_full() -> None:
    """Every field of a probe arrives, named ports as numbers."""
    assert readiness(
        httpGet={"port": "http", "path": "/r", "scheme": "HTTPS", "httpHeaders": [{"name": "A", "value": "b"}]},
        initialDelaySeconds=1,
        periodSeconds=2,
        timeoutSeconds=3,
        successThreshold=4,
        failureThreshold=5,
        terminationGracePeriodSeconds=6,
    ) == Probe(HttpGet(8000, "/r", "HTTPS", (("A", "b"),)), 1.0, 2.0, 3.0, 4, 5, 6.0)
    assert readiness(exec={"command": ["a", "b"]}) == Probe(Exec(("a", "b")))


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        ({"httpGet": {"port": "web"}}, "no port is named 'web'; named ports: http"),
        ({"grpc": {"port": 1}, "periodSeconds": 1}, "must be httpGet, tcpSocket or exec; given: grpc"),
        ({}, "given: none"),
        ({"httpGet": {"port": 1, "host": "example.org"}}, "a host of its own"),
        ({"exec": {"command": []}}, "given: exec"),
    ],
)
def test_probe_is_refused_when_it_cannot_be_made(probe: dict[str, Any], message: str) -> None:
    """A probe that the harness cannot make is named, not left out."""
    with pytest.raises(ManifestError, match=message) as raised:
        readiness(**probe)
    assert "container web: readinessProbe" in str(raised.value)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"kind": "StatefulSet", "metadata": {"name": "db"}}, "StatefulSet db: of the workloads only"),
        ({"kind": "Deployment", "metadata": {"name": "app"}}, "Deployment app: it has no containers"),
        (
            deployment(lifecycle={"preStop": {"tcpSocket": {"port": 1}}}),
            "container web: preStop: tcpSocket does nothing",
        ),
        (
            deployment(lifecycle={"postStart": {}}),
            "container web: postStart: the handler must be exec, httpGet or sleep",
        ),
    ],
)
def test_workload_is_refused_when_it_cannot_be_proven(found: Object, message: str) -> None:
    """What podman would skip or ignore in a workload is an error, not a silent difference."""
    with pytest.raises(ManifestError, match=message):
        pods([found])


def test_sidecar_is_refused_but_an_init_container_is_not() -> None:
    """An init container runs under podman, but it waits for ever for one that restarts always."""
    found = deployment()
    found["spec"]["template"]["spec"]["initContainers"] = [{"name": "init", "image": "image"}]
    assert [container.name for container in pods([found])[0].init_containers] == ["init"]
    found["spec"]["template"]["spec"]["initContainers"][0]["restartPolicy"] = "Always"
    with pytest.raises(ManifestError, match="sidecar init"):
        pods([found])


def test_host_port_is_that_of_the_published_port() -> None:
    """A published port is found by the container's number, one that is not is an error."""
    (pod,) = pods([deployment(ports=[{"containerPort": 8000, "hostPort": 18000}, {"containerPort": 9000}])])
    assert pod.containers[0].host_port(8000) == 18000
    with pytest.raises(ManifestError, match="port 9000 is not published"):
        pod.containers[0].host_port(9000)


@pytest.mark.parametrize(
    ("raw", "hook"),
    [
        ({"sleep": {"seconds": 5}}, Sleep(5.0)),
        ({"exec": {"command": ["sleep", "5"]}}, Exec(("sleep", "5"))),
        ({"httpGet": {"path": "/drain", "port": "http"}}, HttpGet(8080, "/drain")),
    ],
)
def test_hooks_are_read(raw: dict[str, Any], hook: Hook) -> None:
    """Each of the three kinds, before the end as after the start; a port by its name."""
    given = deployment(lifecycle={"preStop": raw, "postStart": raw}, ports=[{"containerPort": 8080, "name": "http"}])
    (pod,) = pods([given])
    (container,) = pod.containers
    assert container.pre_stop == container.post_start == hook
