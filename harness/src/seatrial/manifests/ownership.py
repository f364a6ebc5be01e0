"""Whose a deployment is: a label on its pods and volumes says where they came from, as a name says nothing of it."""

import copy
from collections.abc import Iterable, Mapping

from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import is_deployable

SOURCE = "seatrial.dev/source"
"""The label that has the path of the manifests: the checkout and the overlay in one."""
MADE_OF = "seatrial.dev/made-of"
"""The label of a pod that has the digest of all that it was made of."""


def labelled(objects: Iterable[Object], labels: Mapping[str, str]) -> list[Object]:
    """Return a copy whose pods and claims carry these labels, as do the podman pods and volumes made of them."""
    changed = copy.deepcopy(list(objects))
    for manifest in changed:
        if is_deployable(manifest) or manifest["kind"] == "PersistentVolumeClaim":
            template = manifest["spec"]["template"] if manifest["kind"] == "Deployment" else manifest
            metadata = template.setdefault("metadata", {})
            metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
    return changed
