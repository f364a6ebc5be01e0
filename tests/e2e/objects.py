"""Finding the service among an overlay's objects."""

from collections.abc import Iterable
from typing import Any

from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import COMPONENT, pod_spec


def service_pod_spec(objects: Iterable[Object]) -> dict[str, Any]:
    """Return the pod spec of the one Deployment that is no component of another."""
    (found,) = (
        found
        for found in objects
        if found["kind"] == "Deployment" and COMPONENT not in found["spec"]["template"]["metadata"]["labels"]
    )
    return pod_spec(found)
