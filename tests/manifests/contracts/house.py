"""What this repository promises of its own overlays beyond what every deployment must."""

from collections.abc import Iterator

from tests.harness.contracts import kubernetes_schema
from tests.harness.contracts.contract import Check, contract
from tests.harness.contracts.overlay import Overlay, called
from tests.manifests.contracts.service import services

# tests/integration/test_monitoring.py reads what is in the Prometheus operator's; contracts read routes and monitors.
CUSTOM = {
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("monitoring.coreos.com/v1", "PodMonitor"),
    ("monitoring.coreos.com/v1", "PrometheusRule"),
}
TEMPORARY = "/tmp"  # noqa: S108 - the path is the claim


@contract
def custom_resources_are_known(overlay: Overlay) -> Iterator[Check]:
    """A custom resource, whose schema is not Kubernetes's, is of a kind that a test or a contract reads."""
    for found in overlay.objects:
        if kubernetes_schema.is_custom(found):
            known = (found["apiVersion"], found["kind"]) in CUSTOM
            yield Check(called(found), known, f"apiVersion {found['apiVersion']}")


@contract
def images_that_are_there_are_used(overlay: Overlay) -> Iterator[Check]:
    """An image that is on the node is not pulled again: nodes need no registry to start what is pinned."""
    for container in overlay.containers():
        policy = container.raw.get("imagePullPolicy", "not set")
        yield Check(container.where, policy == "IfNotPresent", f"imagePullPolicy {policy}")


@contract
def temporary_files_have_a_volume(overlay: Overlay) -> Iterator[Check]:
    """Every container has a volume on /tmp: podman adds one to a read-only root by itself, Kubernetes does not."""
    for container in overlay.containers():
        paths = ", ".join(container.mounts) or "nothing"
        yield Check(container.where, TEMPORARY in container.mounts, f"mounted: {paths}")


@contract
def podman_probes_need_no_curl(overlay: Overlay) -> Iterator[Check]:
    """On podman startup and liveness probes of the service are commands: httpGet would be curl, which it lacks."""
    for service in services(overlay) if overlay.runtime == "podman" else ():
        for name, probe in service.container.probes.items():
            if name != "readiness":
                yield Check(f"{service.container.where}, {name} probe", "exec" in probe.handler, f"{probe.handler}")
