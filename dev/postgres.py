"""PostgreSQL for a session: the one of the overlay `podman-postgres`, without the service, its data kept."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.naming import NAME
from seatrial.host.ports import HOST
from seatrial.kubelet.deployment import deployed
from seatrial.manifests.kustomize import render
from seatrial.manifests.pods import COMPONENT, is_deployable, pod_labels

OVERLAY = Path("kustomize", "overlays", "podman-postgres")
PORT = 5432
READY_SECONDS = 120.0


@asynccontextmanager
async def postgres(checkout: Path) -> AsyncIterator[dict[str, str]]:
    """Yield the settings that lead to it; its data stays for the next session of the same checkout's absolute path."""
    run = f"dev-{hashlib.sha256(bytes(checkout)).hexdigest()[:8]}"
    objects = [
        found
        for found in await render(checkout / OVERLAY)
        if not is_deployable(found) or COMPONENT in pod_labels(found)
    ]
    async with deployed(objects, run=run, keep_volumes=True) as deployment:
        pod = deployment.component("database")
        await pod.until_ready(READY_SECONDS)
        (secret,) = (found for found in deployment.objects if found["kind"] == "Secret")
        (password,) = secret["stringData"].values()
        user = NAME.replace("-", "_")
        yield {
            "APP_DATABASE_URL": f"postgresql+asyncpg://{user}@{HOST}:{pod.host_port(PORT)}/{user}",
            "APP_DATABASE_PASSWORD": password,
        }
