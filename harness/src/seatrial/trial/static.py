"""The static claims: the contracts that need no knowledge of the application, as findings."""

from collections.abc import Mapping, Sequence

from seatrial.contracts import CONTRACTS, Contract, Overlay
from seatrial.contracts.overlay import Runtime
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.portable import comes_later
from seatrial.trial.judgement import Judged, Judgement, broken, held, not_applicable, not_asked, untold
from seatrial.trial.verdict import Claim, Finding


def judged(contract: Contract) -> Judged[Overlay]:
    """Return a contract as a claim."""
    identity = f"yaml.{contract.name.replace('_', '-')}"
    return Judged(
        Claim(identity, contract.sentence, static=True),
        lambda overlay: judge(contract, overlay),
    )


def judge(contract: Contract, overlay: Overlay) -> Judgement:
    """Return what a contract says of an overlay: its breaches, or else the arithmetic of where it holds."""
    try:
        checks = contract(overlay)
    except (ManifestError, AttributeError, KeyError, TypeError, ValueError) as error:  # a shape that no schema has told
        return untold(error)
    bad = [check for check in checks if not check.holds]
    if not contract.is_asked(overlay):
        return not_asked(f"it is about what is written for {contract.only}; this was judged as for {overlay.runtime}")
    if not checks:
        return not_applicable("there is nothing in the manifests that it is about")
    return (broken if bad else held)(*map(str, bad or checks), places=len(checks), breaches=len(bad))


CLAIMS: Sequence[Judged[Overlay]] = tuple(judged(contract) for contract in CONTRACTS)


def written_for(objects: Sequence[Object]) -> Runtime:
    """Return what objects are written for: podman where they publish ports on the host, else a cluster."""
    try:
        published = any("hostPort" in port for each in Overlay("", objects).containers() for port in each.ports)
    except (ManifestError, AttributeError, KeyError, TypeError, ValueError):  # malformed, which `schema` tells
        published = False
    return "podman" if published else "cluster"


def findings(
    objects: Sequence[Object], source: str, exempt: Mapping[str, str], runtime: Runtime | None = None
) -> list[Finding]:
    """Return a finding for each contract, a chart's tests left out as they are where it is played.

    `runtime` is what the objects are written for, by default what they look like.
    """
    overlay = Overlay(source, [each for each in objects if not comes_later(each)], runtime or written_for(objects))
    return [each.finding(each(overlay), scenario=None, exempt=exempt.get(each.claim.id)) for each in CLAIMS]
