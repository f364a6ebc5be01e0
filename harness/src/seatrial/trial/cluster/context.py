"""The cluster of a trial: found by its context's name, cleaned of what killed runs left, and cleaned at the end."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from seatrial.cluster import kubeconfig
from seatrial.cluster.api import connected
from seatrial.cluster.objects import parse_images
from seatrial.cluster.runtime import ClusterRuntime


@asynccontextmanager
async def cluster(
    context: str | None, images: Mapping[str, str], tell: Callable[[str], None]
) -> AsyncIterator[tuple[ClusterRuntime, dict[str, str]]]:
    """Yield the runtime, and the versions of what takes part; ClusterError or ManifestError before anything is made."""
    found = kubeconfig.find(context)
    runtime = ClusterRuntime(found, parse_images(f"{name}={used}" for name, used in images.items()), tell)
    async with connected(found) as api:
        versions = {"kubernetes": str(api.version)}
    await runtime.begin()
    try:
        yield runtime, versions | {f"image {name}": used for name, used in images.items()}
    finally:
        await runtime.end()
