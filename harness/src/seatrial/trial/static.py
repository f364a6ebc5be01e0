"""The static claims: the contracts that need no knowledge of the application, as findings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from seatrial.contracts import CONTRACTS, Contract, Overlay
from seatrial.contracts.contract import Check
from seatrial.contracts.overlay import Runtime
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.portable import comes_later
from seatrial.manifests.source import Rendered
from seatrial.trial.exemptions import OF_THE_YAML, exemptions
from seatrial.trial.judgement import Judged, Judgement, broken, held, not_applicable, not_asked, untold
from seatrial.trial.verdict import Breach, Claim, Finding


def _claim(contract: Contract) -> Claim:
    return Claim(f"{OF_THE_YAML}{contract.name.replace('_', '-')}", contract.sentence, static=True)


def judge(contract: Contract, overlay: Overlay) -> Judgement:
    """Return what a contract says of an overlay: its breaches, or else the arithmetic of where it holds."""
    return told(contract, overlay)[0]


def told(contract: Contract, overlay: Overlay) -> tuple[Judgement, tuple[Check, ...]]:
    """Return the same, and the checks that it rests on."""
    try:
        checks = contract(overlay)
    except (ManifestError, AttributeError, KeyError, TypeError, ValueError) as error:  # a shape that no schema has told
        return untold(error), ()
    bad = [check for check in checks if not check.holds]
    if not contract.is_asked(overlay):
        what = f"it is about what is written for {contract.only}; this was judged as for {overlay.runtime}"
        return not_asked(what), checks
    if not checks:
        return not_applicable("there is nothing in the manifests that it is about"), checks
    return (broken if bad else held)(*map(str, bad or checks), places=len(checks), breaches=len(bad)), checks


CLAIMS: Sequence[Judged[Overlay]] = tuple(Judged(_claim(each), partial(judge, each)) for each in CONTRACTS)


def written_for(objects: Sequence[Object]) -> Runtime:
    """Return what objects are written for: podman where they publish ports on the host, else a cluster.

    What has the host's own network publishes none: agents of a cluster's nodes have it.
    """
    try:
        published = any(
            "hostPort" in port and not container.workload.spec.get("hostNetwork")
            for container in Overlay("", objects).containers()
            for port in container.ports
        )
    except (ManifestError, AttributeError, KeyError, TypeError, ValueError):  # malformed, which `schema` tells
        published = False
    return "podman" if published else "cluster"


def findings(rendered: Rendered, exempt: Mapping[str, str], runtime: Runtime | None = None) -> list[Finding]:
    """Return a finding for each contract, a chart's tests left out as they are where it is played.

    `exempt` has reasons by the claims' ids, besides those on objects; `runtime` is what the objects are written for, by
    default what they look like.
    """
    objects = [each for each in rendered.objects if not comes_later(each)]
    overlay = Overlay(rendered.name, objects, runtime or written_for(objects))
    return [_finding(contract, overlay, rendered, exempt) for contract in CONTRACTS]


def _finding(contract: Contract, overlay: Overlay, rendered: Rendered, exempt: Mapping[str, str]) -> Finding:
    claim, (judgement, checks) = _claim(contract), told(contract, overlay)
    breaches = tuple(_breach(claim, check, rendered) for check in checks if not check.holds)
    excused = [each.exempt for each in breaches if each.exempt]
    reason = exempt.get(claim.id) or ("; ".join(dict.fromkeys(excused)) if len(excused) == len(breaches) else None)
    finding = Judged[Overlay](claim, lambda _: judgement).finding(judgement, scenario=None, exempt=reason or None)
    return replace(finding, breaches=breaches)


def _breach(claim: Claim, check: Check, rendered: Rendered) -> Breach:
    found, names = check.where.object, check.where.object["metadata"]
    position = rendered.position(found, check.where.path)
    return Breach(
        object=f"{found['kind']} {'/'.join(str(names[each]) for each in ('namespace', 'name') if each in names)}",
        where=str(check.where),
        text=check.text,
        file=position.file if position else None,
        line=position.line if position else None,
        exempt=exemptions(found).get(claim.id),
    )
