"""What pods need and nothing gives them, told before anything is played: ConfigMaps, Secrets, and keys of both."""

from seatrial.contracts.references import keys, named_by
from seatrial.errors import ManifestError
from seatrial.manifests import credentials
from seatrial.manifests.workload import TEMPLATES, Workload
from seatrial.trial.subject import Subject

KINDS = ("ConfigMap", "Secret")


def check(subject: Subject) -> None:
    """Raise ManifestError, which names the first that is missing; passwords that a volume names are made up."""
    objects = [*subject.objects, *credentials.missing(subject.objects, credentials.random_value)]
    there = {(found["kind"], found["metadata"]["name"]): keys(found) for found in objects if found["kind"] in KINDS}
    for found in objects:
        for named in named_by(Workload(found)) if found["kind"] in TEMPLATES else ():
            if named.kind not in KINDS:
                continue
            given = there.get((named.kind, named.name))
            if given is None:
                what, has = f"{named.kind} {named.name}", "not in the manifests"
            elif named.key is not None and named.key not in given:
                what = f"key {named.key} of {named.kind} {named.name}"
                has = f"not there: it has {', '.join(sorted(given)) or 'none'}"
            else:
                continue
            raise ManifestError(
                f"{subject.source}: {named.where} needs {what}, which is {has}; add it, or mark it `optional: true`"
            )
