"""The form of objects: what an API server would refuse, and what it or podman would drop without a word."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from seatrial.admission import objects
from seatrial.contracts import kubernetes_schema
from seatrial.contracts.contract import Check, contract, contract_of_form
from seatrial.contracts.kubernetes_schema import VERSIONS
from seatrial.contracts.overlay import Overlay
from seatrial.errors import ManifestError
from seatrial.manifests.place import whole

STABLE = re.compile(r"v\d+")


@contract_of_form
def schema(overlay: Overlay) -> Iterator[Check]:
    """Every object fits its schema, without unknown fields, in the last five minor versions of Kubernetes."""
    for found in overlay.objects:
        if kubernetes_schema.is_custom(found):  # whose shape alone is known, and nothing good can be said of
            if complaint := kubernetes_schema.complaint(found):
                yield Check(whole(found).at(*complaint.path), holds=False, text=str(complaint))
            continue
        complaints = (kubernetes_schema.complaint(found, version, strict=True) for version in VERSIONS)
        complaint = next(filter(None, complaints), None)
        if complaint:
            yield Check(whole(found).at(*complaint.path), holds=False, text=str(complaint))
        else:
            yield Check(whole(found), holds=True, text=f"fits Kubernetes {VERSIONS[0]} to {VERSIONS[-1]}")


@contract_of_form
def validation(overlay: Overlay) -> Iterator[Check]:
    """Every object passes the API server's own validation, which knows more than its schema."""
    sound = [found for found in overlay.objects if not kubernetes_schema.complaint(found)]
    refused = {number: list(objects.refusals(found)) for number, found in enumerate(sound)}
    if overlay.malformed and not any(refused.values()):  # what fits no schema is not known to pass
        raise ManifestError("; ".join(overlay.malformed))
    for number, found in enumerate(sound):
        for refusal in refused[number]:
            yield Check(whole(found).at(*refusal.path), holds=False, text=str(refusal))
        if not refused[number]:
            yield Check(whole(found), holds=True, text="nothing of it is refused")


@contract
def versions_are_stable(overlay: Overlay) -> Iterator[Check]:
    """No object is of an alpha or beta version of Kubernetes's own API: those are taken away."""
    for found in overlay.objects:
        if not kubernetes_schema.is_custom(found):
            version = found["apiVersion"]
            yield Check(
                whole(found).at("apiVersion"),
                bool(STABLE.fullmatch(version.rpartition("/")[2])),
                f"apiVersion {version}",
            )


@contract
def names_are_unique(overlay: Overlay) -> Iterator[Check]:
    """A container sets no variable twice and lists no port twice: the last one would win."""
    for container in overlay.containers():
        variables = [entry["name"] for entry in container.raw.get("env", ())]
        numbers = [f"{port['containerPort']}/{port.get('protocol', 'TCP')}" for port in container.ports]
        counts = [("variable", Counter(variables)), ("port", Counter(numbers))]
        twice = [f"{what} {name} {times} times" for what, each in counts for name, times in each.items() if times > 1]
        if any(chain(variables, numbers)):
            yield Check(container.where, not twice, ", ".join(twice) or "each variable and port once")
