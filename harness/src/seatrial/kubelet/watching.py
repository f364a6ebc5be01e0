"""Watching a pod that others look after until it is ready, as the kubelet would say so."""

from dataclasses import replace

from seatrial.kubelet.pod import Pod
from seatrial.manifests.pods import PodTemplate
from seatrial.podman.client import Podman
from seatrial.timeline import Timeline

MARGIN_SECONDS = 30.0
"""What readiness may take beyond the probes' budgets, on a busy machine."""


async def until_ready(template: PodTemplate, podman: Podman) -> float:
    """Return the seconds until every container was ready; NotReadyError, with what explains it, when it never was.

    By the readiness probes and their thresholds; the limit is the budget of the startup and readiness probes.
    """
    budgets = [
        probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
        for container in template.containers
        for probe in (container.startup, container.readiness)
        if probe
    ]
    # Only looked at: restarting is somebody else's part.
    watched = replace(
        template,
        restart_policy="Never",
        containers=tuple(replace(each, startup=None, liveness=None) for each in template.containers),
    )
    async with Pod(watched, podman, Timeline()) as pod:
        return await pod.until_ready(sum(budgets) + MARGIN_SECONDS)
