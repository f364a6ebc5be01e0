"""Faults of a running pod, or a part of it: each lasts as long as its context, what it did is undone at the end."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from seatrial.kubelet.part import Victim
from seatrial.kubelet.pod import Pod
from seatrial.podman.client import Podman
from seatrial.waiting import to_the_end


@asynccontextmanager
async def stopped(podman: Podman, pod: Victim) -> AsyncIterator[None]:
    """Stop it gracefully, and start it again: connections to it are refused, its name is not found."""
    await pod.terminate()
    try:
        yield
    finally:
        for container in pod.template.containers:
            await to_the_end(podman.start(container.podman_name, pod.name))


@asynccontextmanager
async def paused(podman: Podman, pod: Victim) -> AsyncIterator[None]:
    """Freeze every process: connections open, and stay open, and nothing answers on them."""
    names = [container.podman_name for container in pod.template.containers]
    await podman.change("pause", *names)
    try:
        yield
    finally:
        await to_the_end(podman.change("unpause", *names))


@asynccontextmanager
async def disconnected(podman: Podman, pod: Pod) -> AsyncIterator[None]:
    """Take it off its networks: what is sent to it is lost without a word. It comes back under another address."""
    infra = (await podman.ask("pod", "inspect", "--format={{.InfraContainerID}}", pod.name)).stdout.strip()
    listed = await podman.ask("container", "inspect", "--format={{json .NetworkSettings.Networks}}", infra)
    # The names of its Services are among the aliases, which podman forgets.
    aliases = {network: each.get("Aliases") or () for network, each in json.loads(listed.stdout).items()}
    for network in aliases:
        await podman.change("network", "disconnect", network, infra)
    try:
        yield
    finally:
        for network, names in aliases.items():
            options = (f"--alias={name}" for name in names)
            await to_the_end(podman.change("network", "connect", *options, network, infra))
