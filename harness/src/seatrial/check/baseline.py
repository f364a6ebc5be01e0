"""A baseline: what is broken today and accepted, so that only what is new fails."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from seatrial.errors import ManifestError, ReportError
from seatrial.trial.verdict import Breach, Finding, Verdict

SCHEMA_ID = "urn:seatrial:baseline:1"
REASON = "in the baseline"
HASH = re.compile(r"((?:ConfigMap|Secret) \S+)-[bcdfghkmt2456789]{10}\b")
"""What kustomize puts behind a generated name: it changes with each change of what is in it."""

Key = tuple[str, str, str]
"""A claim, an object, and what of it: neither numbers nor lines, which change for other reasons."""


def write(findings: Sequence[Finding], path: Path) -> int:
    """Write down what is broken and not excused; return how many places that are, or raise ReportError."""
    keys = Counter(key for found in findings for key, breach in _keyed(found) if not (breach and breach.exempt))
    accepted = [
        {"claim": claim, "object": of, "where": where, "count": count}
        for (claim, of, where), count in sorted(keys.items())
    ]
    try:
        path.write_text(json.dumps({"$schema": SCHEMA_ID, "accepted": accepted}, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise ReportError(f"the baseline {path} cannot be written: {error.strerror}") from error
    return keys.total()


def read(path: Path) -> Counter[Key]:
    """Return how often what is accepted; ManifestError where it is no baseline."""
    try:
        found = json.loads(path.read_text("utf-8"))
        accepted = {(each["claim"], each["object"], each["where"]): int(each["count"]) for each in found["accepted"]}
        known = found["$schema"] == SCHEMA_ID
    except OSError as error:
        raise ManifestError(
            f"the baseline {path} cannot be read: {error.strerror}; --write-baseline makes one"
        ) from error
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise ManifestError(f"{path} is no baseline ({SCHEMA_ID}); --write-baseline makes one")
    return Counter(accepted)


def accept(findings: Sequence[Finding], accepted: Counter[Key]) -> tuple[Finding, ...]:
    """Return the findings with what is accepted excused, as often as it was there; what is more is new."""
    left = accepted.copy()
    return tuple(_accepted(found, left) for found in findings)


def _accepted(found: Finding, left: Counter[Key]) -> Finding:
    breaches, whole = list[Breach](), found.exempt
    for key, breach in _keyed(found):
        taken = left[key] > 0
        left[key] -= taken
        if breach:
            breaches.append(replace(breach, exempt=REASON) if taken and not breach.exempt else breach)
        elif taken:
            whole = whole or REASON
    if breaches and all(each.exempt for each in breaches):
        whole = whole or "; ".join(dict.fromkeys(str(each.exempt) for each in breaches))
    return replace(found, breaches=tuple(breaches) or found.breaches, exempt=whole)


def _keyed(found: Finding) -> Iterator[tuple[Key, Breach | None]]:
    if found.verdict is Verdict.BROKEN and not found.exempt:
        for each in found.breaches:
            yield (found.claim.id, HASH.sub(r"\1", each.object), HASH.sub(r"\1", each.where)), each
        if not found.breaches:
            yield (found.claim.id, "", ""), None
