"""The fields of custom resources: no package has their schemas, so those that are used here are written down."""

from collections.abc import Iterator
from typing import Any

from tests.harness.contracts.contract import Check, contract
from tests.harness.contracts.overlay import Overlay, called

Fields = dict[str, Any]
"""A field's own fields; None where it is a value, or anything."""

REFERENCE: Fields = {"group": None, "kind": None, "namespace": None, "name": None}
KNOWN: dict[str, Fields] = {
    # gateway-api v1.6, standard channel; all of these are older than v1.3.
    "HTTPRoute": {
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
    "PodMonitor": {
        "selector": {"matchLabels": None},
        "podMetricsEndpoints": {
            "port": None,
            "path": None,
            "interval": None,
            "scrapeTimeout": None,
            "filterRunning": None,
        },
    },
    "PrometheusRule": {
        "groups": {
            "name": None,
            "rules": {"alert": None, "expr": None, "for": None, "labels": None, "annotations": None},
        },
    },
}


@contract
def custom_resources_have_known_fields(overlay: Overlay) -> Iterator[Check]:
    """A custom resource has no field but those that its definition has, as far as this repository uses them."""
    for found in overlay.objects:
        if fields := KNOWN.get(found["kind"]):
            unknown = [*_unknown(found, {"apiVersion": None, "kind": None, "metadata": None, "spec": fields}, "")]
            yield Check(called(found), not unknown, f"unknown: {', '.join(unknown)}" if unknown else "all known")


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
