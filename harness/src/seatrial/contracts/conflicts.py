"""What cannot work together: each right by itself, and wrong beside the other."""

import re
from collections import defaultdict
from collections.abc import Iterator

from seatrial.contracts.contract import Check, contract, contract_for
from seatrial.contracts.overlay import Overlay, together
from seatrial.contracts.rollout import replicas, scaler, surge
from seatrial.contracts.selectors import selected
from seatrial.manifests.place import whole
from seatrial.manifests.quantity import quantity
from seatrial.manifests.workload import Workload

BY_ONE = {"ReadWriteOnce", "ReadWriteOncePod"}
"""Ways of access that one node, or one pod, has alone."""
VERSION = re.compile(r"(:[^:/@]+)?(@.*)?$")
"""What stands behind an image's name: a tag, a digest."""
LEAST_BYTES = 2**20
MOST_CPUS = 256
IN_BYTES = ("memory", "ephemeral-storage")


@contract_for("cluster")
def claims_can_be_shared(overlay: Overlay) -> Iterator[Check]:
    """On a cluster a claim that one node alone may mount is of one pod, which ends before the next one begins."""
    for workload in overlay.workloads():
        claims = {
            found["metadata"]["name"]: set(found["spec"].get("accessModes", ()))
            for found in overlay.of_kind("PersistentVolumeClaim")
            if together(found, workload.source)
        }
        for index, volume in enumerate(workload.spec.get("volumes", ())):
            modes = claims.get(volume.get("persistentVolumeClaim", {}).get("claimName"), set())
            if modes and modes <= BY_ONE and not workload.finite:
                several = _several(overlay, workload)
                text = f"claim {volume['persistentVolumeClaim']['claimName']}, {', '.join(sorted(modes))}"
                yield Check(
                    workload.pod_at("volumes", index), not several, f"{text}: {several or 'of one pod at a time'}"
                )


def _several(overlay: Overlay, workload: Workload) -> str:
    """Say why there may be several pods at a time, nothing where there is one."""
    if workload.kind == "DaemonSet":
        return "a pod on each node"
    most = replicas(overlay, workload)[1].value
    if most > 1:
        return f"{most:g} pods"
    return "a rolling update begins a second pod" if surge(workload, most).value else ""


@contract_for("cluster")
def autoscalers_can_measure(overlay: Overlay) -> Iterator[Check]:
    """On a cluster an autoscaler that goes by a share of a request has one to go by, in every container it measures."""
    for workload in overlay.workloads():
        if (found := scaler(overlay, workload)) is None:
            continue
        for index, metric in enumerate(found["spec"].get("metrics", ())):
            source = metric.get("resource") or metric.get("containerResource") or {}
            if source.get("target", {}).get("type") != "Utilization":
                continue
            measured = [
                container for container in workload.serving() if source.get("container") in (None, container.name)
            ]
            without = [container.name for container in measured if container.request(source["name"]) is None]
            text = f"{source['name']} of {workload.where}: "
            text += f"no request in {', '.join(without)}" if without else "requested by all that is measured"
            yield Check(whole(found).at("spec", "metrics", index), not without, text)


@contract
def ports_are_of_one_container(overlay: Overlay) -> Iterator[Check]:
    """The containers of a pod listen on different ports: they share one network, in which the second gets none."""
    for workload in overlay.workloads():
        by_port: defaultdict[str, list[str]] = defaultdict(list)
        for container in workload.serving():
            for port in {(port["containerPort"], port.get("protocol", "TCP")) for port in container.ports}:
                by_port["/".join(map(str, port))].append(container.name)
        twice = [f"{port} by {' and '.join(names)}" for port, names in by_port.items() if len(names) > 1]
        if by_port:
            yield Check(workload.pod_at("containers"), not twice, ", ".join(twice) or f"{len(by_port)} ports")


@contract
def amounts_are_meant(overlay: Overlay) -> Iterator[Check]:
    """Memory and storage are a MiB or more, and CPUs fewer than any node has: `512m` of memory is half a byte."""
    for container in overlay.containers():
        for side in ("requests", "limits"):
            for name, amount in container.raw.get("resources", {}).get(side, {}).items():
                number = quantity(amount)
                if name in IN_BYTES:
                    holds, text = number == 0 or number >= LEAST_BYTES, f"{name} {amount}: {number:g} bytes"
                elif name == "cpu":
                    holds, text = number <= MOST_CPUS, f"{name} {amount}: {number:g} CPUs"
                else:
                    continue
                yield Check(container.where.at("resources", side, name), holds, text)


@contract
def pods_have_time_to_end(overlay: Overlay) -> Iterator[Check]:
    """A pod that serves has a grace period: with 0 it is killed at once, with all that it is doing."""
    for workload in overlay.workloads():
        if any(container.ports for container in workload.serving()):
            seconds = workload.grace_period_seconds
            where = workload.pod_at("terminationGracePeriodSeconds")
            yield Check(where, seconds > 0, f"terminationGracePeriodSeconds {seconds}")


@contract
def services_lead_to_one_program(overlay: Overlay) -> Iterator[Check]:
    """A Service does not mix the pods of different programs: of colours or canaries of one, the images are the same."""
    for found in overlay.of_kind("Service"):
        pods = [workload for workload in selected(overlay, found) if not workload.finite]
        programs = [{VERSION.sub("", container.image) for container in workload.serving()} for workload in pods]
        mixed = bool(programs) and not set.intersection(*programs)
        names = ", ".join(str(workload.where) for workload in pods)
        if pods:
            yield Check(whole(found).at("spec", "selector"), not mixed, f"leads to {names}")
