"""Kinds that own their pods themselves, of which each simulated one has one."""

import asyncio
import copy
from typing import TYPE_CHECKING

from harness.tests.cluster.simulation.states import container, is_ready
from harness.tests.cluster.simulation.store import Json

if TYPE_CHECKING:
    from harness.tests.cluster.simulation.cluster import Cluster

STEP_SECONDS = 0.02


async def keep_one(cluster: "Cluster", path: str, owner: Json) -> None:
    """Have one pod of an owner, and another one when it is gone; a Job's ends."""
    name, namespace = path.rpartition("/")[2], path.partition("/namespaces/")[2].partition("/")[0]
    objects, pod = cluster.store.objects, f"/api/v1/namespaces/{namespace}/pods/{name}-0"
    metadata = {**owner["spec"]["template"]["metadata"], "name": f"{name}-0"}
    metadata["ownerReferences"] = [{"kind": owner["kind"], "name": name}]
    while path in objects:
        if pod not in objects:
            if "deletionTimestamp" in objects[f"/api/v1/namespaces/{namespace}"]["metadata"]:
                return
            body = {"kind": "Pod", "metadata": metadata, "spec": owner["spec"]["template"]["spec"]}
            await cluster.put(pod, copy.deepcopy(body))
        elif owner["kind"] == "Job" and is_ready(objects[pod]):
            await _end(cluster, path, pod)
            return
        await asyncio.sleep(STEP_SECONDS)


async def _end(cluster: "Cluster", job: str, pod: str) -> None:
    code = cluster.conduct.job_exit_code
    names = [each["name"] for each in cluster.store.objects[pod]["spec"]["containers"]]
    ended = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed", "containerID": "sim://0"}}
    statuses = [container(each, ended) for each in names]
    await cluster.status(pod, {"phase": "Failed" if code else "Succeeded", "containerStatuses": statuses})
    condition = {"type": "Failed" if code else "Complete", "status": "True", "message": "Simulated"}
    await cluster.status(job, {"conditions": [condition]})
