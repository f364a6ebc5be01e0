"""Labels that say whose a deployment is."""

import copy

from seatrial.manifests.kustomize import Object
from seatrial.manifests.ownership import SOURCE, labelled

POD_SPEC = {"containers": [{"name": "web", "image": "web"}]}


def test_pods_and_claims_are_labelled_and_nothing_else() -> None:
    """What selects them still does, and what was given is left as it was."""
    objects: list[Object] = [
        {
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {
                "selector": {"matchLabels": {"app": "web"}},
                "template": {"metadata": {"labels": {"app": "web"}}, "spec": POD_SPEC},
            },
        },
        {"kind": "Pod", "metadata": {"name": "bare"}, "spec": POD_SPEC},
        {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "labels": None}, "spec": {}},
        {"kind": "ConfigMap", "metadata": {"name": "web"}, "data": {}},
    ]
    before = copy.deepcopy(objects)
    deployment, pod, claim, config_map = labelled(objects, {SOURCE: "/there"})
    assert deployment["spec"]["template"]["metadata"]["labels"] == {"app": "web", SOURCE: "/there"}
    assert deployment["spec"]["selector"] == {"matchLabels": {"app": "web"}}
    assert pod["metadata"]["labels"] == claim["metadata"]["labels"] == {SOURCE: "/there"}
    assert config_map == before[3]
    assert objects == before
