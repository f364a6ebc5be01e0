"""Which of several pods is meant."""

import pytest

from seatrial.errors import ManifestError
from seatrial.kubelet.deployment import Deployment
from seatrial.kubelet.pod import Pod
from seatrial.manifests.pods import PodTemplate
from seatrial.podman.client import Podman
from seatrial.timeline import Timeline


def deployment(**components: str | None) -> Deployment:
    """Return a deployment of pods by name, each the component that is given."""
    podman, timeline = Podman(), Timeline()
    pods = [Pod(PodTemplate(name, (), component=part), podman, timeline) for name, part in components.items()]
    return Deployment("run", (), tuple(pods), podman, timeline)


def test_pod_is_the_one_that_is_no_component_of_another() -> None:
    """However many components stand beside it."""
    played = deployment(postgres="database", seatrial=None, redis="cache")
    assert played.pod.name == "seatrial"
    assert played.component("database").name == "postgres"


@pytest.mark.parametrize("components", [{"one": None, "two": None}, {"postgres": "database"}])
def test_pod_is_refused_where_it_is_not_one(components: dict[str, str | None]) -> None:
    """Two, or none: the message names what there is."""
    with pytest.raises(ManifestError, match=r"there are (one, two|postgres)"):
        _ = deployment(**components).pod


def test_component_that_is_not_there_is_refused() -> None:
    """As above."""
    with pytest.raises(ManifestError, match="0 pods are the component cache"):
        deployment(postgres="database").component("cache")
