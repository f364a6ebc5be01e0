"""Exemptions on objects: the annotation `seatrial.dev/exempt.CLAIM` says why a claim may be broken by this one."""

from collections.abc import Collection, Mapping

from seatrial.advice import advice
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.place import called
from seatrial.manifests.source import Rendered

PREFIX = "seatrial.dev/exempt."
OF_THE_YAML = "yaml."


def exemptions(found: Object) -> Mapping[str, str]:
    """Return the reasons that an object's annotations give, by the claims' ids."""
    annotations = found["metadata"].get("annotations")
    if not isinstance(annotations, dict):
        return {}
    return {name.removeprefix(PREFIX): str(why) for name, why in annotations.items() if name.startswith(PREFIX)}


def of_scenarios(rendered: Rendered) -> Mapping[str, str]:
    """Return the reasons on any object for what a scenario sees, which is about all of them."""
    return {
        claim: reason
        for found in rendered.objects
        for claim, reason in exemptions(found).items()
        if not claim.startswith(OF_THE_YAML)
    }


def check(rendered: Rendered, known: Collection[str]) -> None:
    """Raise ManifestError for an exemption without a reason, and for one of a claim that there is not.

    `known` are the claims that a person may have meant, and those that there is advice for are known besides.
    """
    for found in rendered.objects:
        for claim, reason in exemptions(found).items():
            where = rendered.position(found, ("metadata", "annotations", f"{PREFIX}{claim}"))
            what = f"{where}: {called(found)}: the annotation {PREFIX}{claim}"
            if claim not in known and advice(claim) is None:
                raise ManifestError(f"{what} is of no claim; there are {', '.join(sorted(known))}")
            if not reason.strip():
                raise ManifestError(f"{what} must say why; given: {reason!r}")
