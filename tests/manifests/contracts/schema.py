"""Every object fits its Kubernetes schema, strictly: an unknown field is an error, for podman drops it silently."""

from collections.abc import Iterator

import kubernetes_validate

from tests.manifests.overlay import Overlay

VERSIONS = ("1.33", "1.36", "1.37")
# Custom resources of the Prometheus operator, whose schema is not Kubernetes's: tests/integration/test_monitoring.py
# parses what is in them and compares it with what the service exports.
WITHOUT_SCHEMA = {("monitoring.coreos.com/v1", "PodMonitor"), ("monitoring.coreos.com/v1", "PrometheusRule")}


def schema(overlay: Overlay) -> Iterator[str]:
    """Every object is valid, without unknown fields, in the oldest and the newest supported Kubernetes."""
    for found in overlay.objects:
        if (found["apiVersion"], found["kind"]) in WITHOUT_SCHEMA:
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(found, version, strict=True)
            except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
                yield f"{found['kind']} {found['metadata']['name']}: Kubernetes {version}: {error}"
                break
