"""The fields of custom resources: no package has their schemas, so those that are used here are written down."""

from collections.abc import Iterator
from typing import Any

from seatrial.contracts.contract import Check, contract
from seatrial.contracts.kubernetes_schema import is_custom
from seatrial.contracts.overlay import Overlay
from seatrial.manifests.place import whole

Fields = dict[str, Any]
"""A field's own fields; None where it is a value, or anything."""

REFERENCE: Fields = {"group": None, "kind": None, "namespace": None, "name": None}
# tests/integration/test_monitoring.py reads what is in the Prometheus operator's.
KNOWN: dict[tuple[str, str], Fields] = {
    # gateway-api v1.6, standard channel; all of these are older than v1.3.
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): {
        "parentRefs": REFERENCE | {"sectionName": None, "port": None},
        "hostnames": None,
        "rules": {
            "name": None,
            "matches": {"path": {"type": None, "value": None}, "method": None},
            "timeouts": {"request": None, "backendRequest": None},
            "backendRefs": REFERENCE | {"port": None, "weight": None},
        },
    },
    # prometheus-operator v0.93
    ("monitoring.coreos.com/v1", "PodMonitor"): {
        "selector": {"matchLabels": None},
        "podMetricsEndpoints": {
            "port": None,
            "path": None,
            "interval": None,
            "scrapeTimeout": None,
            "filterRunning": None,
        },
    },
    ("monitoring.coreos.com/v1", "PrometheusRule"): {
        "groups": {
            "name": None,
            "rules": {"alert": None, "expr": None, "for": None, "labels": None, "annotations": None},
        },
    },
}


@contract
def custom_resources_are_known(overlay: Overlay) -> Iterator[Check]:
    """A custom resource, whose schema is not Kubernetes's, is of a known kind and has no field but those it knows."""
    for found in filter(is_custom, overlay.objects):
        version = found["apiVersion"]
        if (fields := KNOWN.get((version, found["kind"]))) is None:
            yield Check(whole(found), holds=False, text=f"apiVersion {version} is not known")
        else:
            unknown = [*_unknown(found, {"apiVersion": None, "kind": None, "metadata": None, "spec": fields}, "")]
            yield Check(whole(found), not unknown, f"unknown: {', '.join(unknown)}" if unknown else f"fits {version}")


def _unknown(value: Any, fields: Fields | None, path: str) -> Iterator[str]:
    """Yield the path of every field that is not among `fields`, lists passed through."""
    if isinstance(value, list):
        for item in value:
            yield from _unknown(item, fields, path)
    elif isinstance(value, dict) and fields is not None:
        for name, inner in value.items():
            if name in fields:
                yield from _unknown(inner, fields[name], f"{path}{name}.")
            else:
                yield f"{path}{name}"
