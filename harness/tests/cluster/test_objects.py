"""Objects made fit for a run's namespace, and the refusal of those that no restricted namespace would run."""

import copy

import pytest
import yaml

from harness.tests.cluster.conftest import MANIFESTS
from seatrial.cluster.objects import parse_images, prepare, revised, service_port
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object, render
from tests.overlays import overlay_path


@pytest.fixture
def rendered() -> list[Object]:
    """Return objects as an overlay renders them."""
    return list(yaml.safe_load_all(MANIFESTS.replace("PORT", "8000")))


def find(objects: list[Object], kind: str) -> Object:
    """Return the one object of a kind."""
    (found,) = (each for each in objects if each["kind"] == kind)
    return found


def test_every_object_is_put_into_the_namespace(rendered: list[Object]) -> None:
    """Whatever the overlay said, and with the run's label; what was given is left as it was."""
    before = copy.deepcopy(rendered)
    prepared = prepare(rendered, "r", "seatrial-r", settings={"A": "b"})
    assert {each["metadata"]["namespace"] for each in prepared} == {"seatrial-r"}
    assert rendered == before
    (container,) = find(prepared, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "A", "value": "b"}]


def test_service_takes_nothing_that_the_whole_cluster_shares(rendered: list[Object]) -> None:
    """No port of the nodes, no address of the world; its own port stays."""
    outward = {"type": "LoadBalancer", "loadBalancerIP": "192.0.2.1", "externalTrafficPolicy": "Local"}
    spec = find(rendered, "Service")["spec"]
    spec.update(outward)
    spec["ports"][0]["nodePort"] = 30080
    made = find(prepare(rendered, "r", "n"), "Service")["spec"]
    assert made == {"type": "ClusterIP", "selector": {"app": "it"}, "ports": [{"port": 8000, "targetPort": "http"}]}


def test_selectors_and_pod_labels_are_left_alone(rendered: list[Object]) -> None:
    """The run's label on pods would change what policies and Services select, and what is deployed."""
    prepared = find(prepare(rendered, "r", "seatrial-r"), "Deployment")
    assert prepared["spec"]["template"]["metadata"]["labels"] == {"app": "it"}


def test_given_image_that_the_overlay_does_not_use_is_no_error(rendered: list[Object]) -> None:
    """One command line may serve several overlays."""
    prepared = find(prepare(rendered, "r", "n", images={"docker.io/library/postgres": "x:1"}), "Deployment")
    assert prepared["spec"]["template"]["spec"]["containers"][0]["image"] == "example.com/it:1"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ports": [{"containerPort": 1, "hostPort": 80}]}, "container it: it publishes port 80 of its node"),
        ({"image": "it"}, "its image it has no exact tag; give one by --image NAME=REF"),
        ({"image": "example.com:5000/it:latest"}, "has no exact tag"),
    ],
)
def test_what_the_cluster_would_not_run_is_refused_first(rendered: list[Object], change: Object, message: str) -> None:
    """By the container's name, with what is allowed."""
    find(rendered, "Deployment")["spec"]["template"]["spec"]["containers"][0].update(change)
    with pytest.raises(ManifestError, match=message):
        prepare(rendered, "r", "n")


async def test_overlay_for_podman_is_refused() -> None:
    """It publishes a port of its node."""
    with pytest.raises(ManifestError, match="give an overlay that is meant for a cluster"):
        prepare(await render(overlay_path("podman")), "r", "n")


@pytest.mark.parametrize("text", ["it", "it=", "=it:1", "it=it", "it=it:latest", "it=example.com:5000/it"])
def test_image_option_without_an_exact_tag_is_refused(text: str) -> None:
    """What was given, and what is allowed."""
    with pytest.raises(ManifestError, match=f"--image {text}: give NAME=REF"):
        parse_images([text])


def test_image_option_takes_tags_and_digests() -> None:
    """The last of several for one name wins."""
    assert parse_images(["a=b:1", "c=d@sha256:0", "a=b:2"]) == {"a": "b:2", "c": "d@sha256:0"}


def test_service_that_leads_to_a_port_is_found_by_selector_and_name(rendered: list[Object]) -> None:
    """A port by its container's name for it; none for another."""
    assert service_port(rendered, find(rendered, "Deployment"), 8000) == ("localhost", 8000)
    assert service_port(rendered, find(rendered, "Deployment"), 9000) is None


def test_revision_changes_one_deployment_alone(rendered: list[Object]) -> None:
    """By its name; what was given stays as it was."""
    changed = revised(rendered, "it", lambda template: template.update(changed=True))
    assert find(changed, "Deployment")["spec"]["template"]["changed"]
    assert "changed" not in find(rendered, "Deployment")["spec"]["template"]
