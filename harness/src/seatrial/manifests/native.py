"""The kinds that a cluster knows, and podman does not: what was made playable there is what it was again."""

from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import BACKOFF_LIMIT, KIND, is_job


def kind(found: Object) -> str:
    """Return an object's kind as its owner wrote it."""
    return "Job" if is_job(found) else str((found["metadata"].get("annotations") or {}).get(KIND, found["kind"]))


def native(found: Object) -> Object:
    """Return an object in that kind: an API server refuses a Deployment with a StatefulSet's fields."""
    if not is_job(found):
        return {**found, "kind": kind(found)}
    metadata = found["metadata"]
    template = {"metadata": {"labels": metadata.get("labels") or {}}, "spec": found["spec"]}
    spec = {"backoffLimit": int(metadata["annotations"][BACKOFF_LIMIT]), "template": template}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}
