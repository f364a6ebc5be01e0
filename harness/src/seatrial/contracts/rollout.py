"""Rollouts and disruptions: capacity is kept, and nothing is stuck."""

import math
import re
from collections.abc import Iterator
from fractions import Fraction

from seatrial.contracts.arithmetic import Term, at_most, below, term
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from seatrial.contracts.probes import patience
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.place import called
from seatrial.manifests.probe import DeclaredProbe
from seatrial.manifests.workload import Workload


def scaler(overlay: Overlay, workload: Workload) -> Object | None:
    """Return the autoscaler whose target a workload is, if there is one."""
    for found in overlay.of_kind("HorizontalPodAutoscaler"):
        target = found["spec"]["scaleTargetRef"]
        if (target["kind"], target["name"]) == (workload.kind, workload.name):
            return found
    return None


def replicas(overlay: Overlay, workload: Workload) -> tuple[Term, Term]:
    """Return the fewest and the most pods that a workload is to have, a rollout's surge apart."""
    if found := scaler(overlay, workload):
        spec = found["spec"]
        fewest = term("minReplicas", spec.get("minReplicas", 1), called(found))
        return fewest, term("maxReplicas", spec["maxReplicas"], called(found))
    fixed = term("replicas", workload.replicas)
    return fixed, fixed


def share(given: int | str, of: float, *, up: bool) -> int:
    """Return a number of pods that is given as such or as a percentage; raises ManifestError for what is neither."""
    if isinstance(given, int):
        return given
    if not re.fullmatch(r"\d+%", given):
        raise ManifestError(f"{given!r} is no number of pods; allowed: 1 and the like, or 25%")
    exact = Fraction(given.removesuffix("%")) * int(of) / 100
    return math.ceil(exact) if up else math.floor(exact)


def surge(workload: Workload, of: float) -> Term:
    """Return how many pods a rollout adds at most."""
    if workload.kind != "Deployment" or workload.source["spec"].get("strategy", {}).get("type") == "Recreate":
        return term("surge", 0)
    given = workload.source["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxSurge", "25%")
    return term("surge", share(given, of, up=True), f"maxSurge {given} of {of:g}")


@contract
def rollout_keeps_capacity(overlay: Overlay) -> Iterator[Check]:
    """A rollout of more than one replica takes none away before its successor is Ready."""
    for workload in overlay.workloads():
        if workload.kind != "Deployment":
            continue
        strategy = workload.source["spec"].get("strategy", {})
        for wanted in {each.value: each for each in replicas(overlay, workload) if each.value > 1}.values():
            if strategy.get("type") == "Recreate":
                yield Check(
                    workload.where.at("spec", "strategy"),
                    holds=False,
                    text=f"{wanted}: Recreate ends all of them at once",
                )
                continue
            given = strategy.get("rollingUpdate", {}).get("maxUnavailable", "25%")
            away, source = share(given, wanted.value, up=False), f"maxUnavailable {given} of {wanted}"
            if not away and not surge(workload, wanted.value).value:  # it could do nothing, so Kubernetes takes one
                away, source = 1, f"{source}, and no surge"
            yield at_most(workload.where.at("spec", "strategy"), term("unavailable", away, source), term("allowed", 0))


def _startup(probe: DeclaredProbe) -> Term:
    delay = probe.seconds("initialDelaySeconds")
    return term("initialDelaySeconds", delay) + patience(probe) if delay else patience(probe)


@contract
def rollout_has_time(overlay: Overlay) -> Iterator[Check]:
    """A rollout is called failed only after a pod had all of its startup budget and was Ready for long enough."""
    for workload in overlay.workloads():
        if workload.kind == "Deployment":
            spec = workload.source["spec"]
            probes = [each.probes["startup"] for each in workload.serving() if "startup" in each.probes]
            needed = max(map(_startup, probes), key=lambda each: each.value, default=term("no startup probe", 0))
            needed += term("minReadySeconds", spec.get("minReadySeconds", 0))
            yield below(
                workload.where.at("spec", "progressDeadlineSeconds"),
                needed,
                term("progressDeadlineSeconds", spec.get("progressDeadlineSeconds", 600)),
            )
