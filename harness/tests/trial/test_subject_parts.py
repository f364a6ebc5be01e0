"""What a workload depends on in its own pod, found from the manifests of anybody."""

from typing import Any

import pytest

from harness.tests.trial.workloads import env, service, workload
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.portable import portable
from seatrial.trial.configuration import Configuration
from seatrial.trial.subject import find


def together(*containers: dict[str, Any]) -> Object:
    """Return a Deployment of several containers."""
    found = workload("web")
    found["spec"]["template"]["spec"]["containers"] = [{"image": "localhost/x:1", **each} for each in containers]
    return found


STORE = {"name": "store", "ports": [{"containerPort": 6379}]}


@pytest.mark.parametrize("address", ["localhost:6379", "redis://127.0.0.1:6379/0", "[::1]:6379"])
def test_container_whose_port_the_one_that_serves_names_is_a_part_that_it_depends_on(address: str) -> None:
    """Wherever it stands in the pod, and whichever ports others have."""
    app = {"name": "app", "ports": [{"containerPort": 8080}], "env": env(STORE=address)}
    for containers in ((app, STORE), (STORE, app)):
        found = find([together(*containers)], "x", Configuration())
        assert (found.container.name, found.port, found.parts, found.dependencies) == ("app", 8080, ("store",), ())
        assert [each.name for each in found.own] == ["app"]


@pytest.mark.parametrize("address", ["localhost:63790", "my-localhost:6379", "db.localhost:6379", "store:6379"])
def test_container_is_no_part_that_it_depends_on_because_a_port_is_said(address: str) -> None:
    """As another port, or another host's."""
    app = {"name": "app", "ports": [{"containerPort": 8080}], "env": env(STORE=address)}
    assert find([together(app, STORE)], "x", Configuration()).parts == ()


def test_container_that_asks_the_one_that_serves_is_no_part_that_it_depends_on() -> None:
    """An exporter: the Service leads to what it asks."""
    app = {"name": "app", "ports": [{"containerPort": 8080}]}
    exporter = {"name": "exporter", "ports": [{"containerPort": 9100}], "args": ["--url=http://localhost:8080/"]}
    found = find([together(exporter, app), service("web", "web", targetPort=8080)], "x", Configuration())
    assert (found.container.name, found.port, found.parts) == ("app", 8080, ())


def test_worker_beside_its_store_is_the_container_that_is_tried() -> None:
    """The only port of the pod is the store's, at which nobody asks for the worker."""
    worker = {"name": "worker", "env": env(BROKER="redis://localhost:6379")}
    found = find([together(STORE, worker)], "x", Configuration())
    assert (found.container.name, found.port, found.parts) == ("worker", None, ("store",))


def test_parts_are_those_that_trial_toml_names() -> None:
    """Beside workloads; and none, where it says so."""
    app = {"name": "app", "ports": [{"containerPort": 8080}], "env": env(STORE="localhost:6379")}
    objects = [together(STORE, app), workload("db")]
    found = find(objects, "x", Configuration(dependencies=("store", "db")))
    assert (found.container.name, found.parts) == ("app", ("store",))
    assert [each["metadata"]["name"] for each in found.dependencies] == ["db"]
    assert find(objects, "x", Configuration(subject="web", dependencies=())).parts == ()


def test_part_that_the_pod_does_not_have_is_refused() -> None:
    """The message names the containers as well; the one that serves depends on itself in no way."""
    app = {"name": "app", "ports": [{"containerPort": 8080}]}
    for name in ("cache", "app"):
        configuration = Configuration(port=8080, dependencies=(name,))
        with pytest.raises(ManifestError, match=rf"trial\.toml names '{name}'; there are web, store"):
            find([together(app, STORE)], "x", configuration)


def test_undeclared_port_that_a_service_names_is_of_the_container_whose_probe_asks_it() -> None:
    """Else of the first."""
    app = {"name": "app", "readinessProbe": {"httpGet": {"port": 8080}}}
    (web, _) = portable([together(STORE, app), service("web", "web", targetPort=8080)])
    assert find([web], "x", Configuration()).container.name == "app"
    assert web["spec"]["template"]["spec"]["containers"][1]["ports"] == [{"containerPort": 8080}]
    assert find([together(STORE, app)], "x", Configuration()).container.name == "app", "without a Service, too"
