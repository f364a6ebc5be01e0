"""What the process may do, read from inside the container."""

from pathlib import Path
from typing import Any

import pytest

from seatrial.manifests.kustomize import render
from seatrial.runtime import Runtime
from tests.e2e import inside
from tests.e2e.objects import service_pod_spec

LIMIT_SECONDS = 120.0


def breaches(seen: dict[str, Any]) -> list[str]:
    """Return what the process may and should not."""
    found = []
    if set(seen["uid"] + seen["gid"]) != {"10001"}:
        found.append("uid")
    if any(seen["capabilities"].values()):
        found.append("capabilities")
    if seen["no_new_privs"] != "1":
        found.append("new privileges")
    if seen["seccomp"] != "2":  # a filter
        found.append("seccomp")
    if seen["root"] != "Read-only file system":
        found.append("root")
    return found


async def test_process_has_no_privileges_on_a_read_only_root(runtime: Runtime, overlay: Path) -> None:
    """Uid and gid 10001, no capability in any set, no new privileges, seccomp; only volumes can be written."""
    async with runtime.deployed(overlay) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        seen = await inside.run(deployment, inside.PRIVILEGES)
        assert breaches(seen) == []
        assert seen["tmp"] == "yes", "or the read-only root is no finding"


@pytest.mark.podman_only("Pod Security restricted lets no such pod in, which tests/e2e/cluster proves")
async def test_process_has_privileges_without_a_security_context(runtime: Runtime, overlay: Path) -> None:
    """The negative: the same pod without its security contexts, as root, is found out."""
    objects = await render(overlay)
    spec = service_pod_spec(objects)
    spec["securityContext"] = {"runAsUser": 0, "runAsGroup": 0}
    for container in spec["initContainers"] + spec["containers"]:
        del container["securityContext"]
    async with runtime.deployed(objects) as deployment:
        await deployment.pod.until_ready(LIMIT_SECONDS)
        seen = await inside.run(deployment, inside.PRIVILEGES)
        assert breaches(seen) == ["uid", "capabilities", "new privileges", "root"]
