"""What a simulated cluster does with what is applied: namespaces, Deployments, pods, endpoints; well, or badly."""

import asyncio
import copy
import hashlib
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from harness.tests.cluster.simulation.admission import violations
from harness.tests.cluster.simulation.owners import keep_one
from harness.tests.cluster.simulation.states import container, is_ready, is_spoilt
from harness.tests.cluster.simulation.store import Json, Store
from seatrial.host.ports import HOST

STEP_SECONDS = 0.02
NOBODY = "127.0.0.9"
"""An address of this machine where nothing listens: what a policy cuts off is simulated by it."""


@dataclass
class Conduct:
    """How the cluster's parts do their work: each field is a way to do it badly."""

    exit_code: int = 0
    ends_after_seconds: float = 0.1
    says_killing: bool = True
    keeps_endpoints: bool = False
    says_how_it_ended: bool = True
    keeps_namespaces: bool = False
    starts: bool = True
    init_exit_code: int = 0
    job_exit_code: int = 0
    image_missing: bool = False
    hold_back: bool = False
    unscheduled: tuple[str, float] = ("", 0.0)
    """How long a pod whose name ends so finds no node."""
    enforces_policies: bool = True
    keeps_old_pods: bool = True
    log: str = "a line of the log"


@dataclass
class Cluster:
    """Objects, and the tasks that act on them as controllers and kubelets would."""

    conduct: Conduct = field(default_factory=Conduct)
    store: Store = field(default_factory=Store)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _numbers: Any = field(default_factory=itertools.count)

    async def put(self, path: str, body: Json) -> Json:
        """Keep an object as the API server does, and begin what follows from it."""
        known = self.store.objects.get(path)
        if known and "status" in known:
            body = {**body, "status": known["status"]}
        if body["kind"] == "Service":
            body = {**body, "spec": {"clusterIP": HOST, **body["spec"]}}
        found = await self.store.put(path, body)
        if found is not known:
            kind = body["kind"]
            if kind == "Namespace" and not known:
                await self.store.put(f"{path}/serviceaccounts/default", {"metadata": {"name": "default"}})
            elif kind == "Deployment":
                self._begin(self._roll_out(path))
            elif kind in ("StatefulSet", "DaemonSet", "ReplicaSet", "Job") and not known:
                self._begin(keep_one(self, path, body))
            elif kind == "Pod" and not known:
                self._begin(self._run(path))
        return found

    async def delete(self, path: str, grace_seconds: float | None) -> None:
        """Delete an object as the API server and its controllers do."""
        parts = path.split("/")
        if parts[-2] == "namespaces":
            self._begin(self._remove_namespace(path))
        elif parts[-2] == "pods":
            pod = self.store.objects[path]
            if grace_seconds == 0:
                await self.store.remove(path)
                await self._endpoints(path)
            elif "deletionTimestamp" not in pod["metadata"]:
                self._begin(self._end(path, grace_seconds))
        else:
            await self.store.remove(path)

    def refusal(self, path: str, spec: Json) -> str:
        """Return why a pod is not let into a path's namespace."""
        name = path.partition("/namespaces/")[2].partition("/")[0]
        labels = self.store.objects[f"/api/v1/namespaces/{name}"]["metadata"]["labels"]
        enforced = labels.get("pod-security.kubernetes.io/enforce") == "restricted"
        return ", ".join(dict.fromkeys(violations(spec))) if enforced else ""

    def may_evict(self, path: str) -> bool:
        """Tell whether one more pod may be away: one at a time."""
        pods = [pod for _, pod in self.store.collection(path.rpartition("/")[0])]
        ours = [pod for pod in pods if pod["metadata"].get("ownerReferences")]
        away = [pod for pod in ours if "deletionTimestamp" in pod["metadata"] or not is_ready(pod)]
        return not away

    def log(self, path: str, container: str) -> str:
        """Return what a container wrote."""
        return f"{self.conduct.log} of {path.rpartition('/')[2]}/{container}"

    async def close(self) -> None:
        """Stop everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _remove_namespace(self, path: str) -> None:
        namespace = copy.deepcopy(self.store.objects[path])
        namespace["metadata"]["deletionTimestamp"] = "now"
        message = "Some content in the namespace has finalizers remaining: example.com/stuck in 1 resource instances"
        condition = {"type": "NamespaceFinalizersRemaining", "status": "True", "message": message}
        namespace["status"] = {"phase": "Terminating", "conditions": [condition]}
        await self.store.put(path, namespace)
        inside = path.replace("/api/v1", "")
        while not self.conduct.keeps_namespaces:
            await asyncio.sleep(STEP_SECONDS)
            left = [each for each in self.store.objects if f"{inside}/" in each]
            if not any("/pods/" in each for each in left):
                for each in [*left, path]:
                    await self.store.remove(each)
                return

    async def _roll_out(self, path: str) -> None:
        deployment = self.store.objects[path]
        if refused := self.refusal(path, deployment["spec"]["template"]["spec"]):
            message = f'pods "x" is forbidden: violates PodSecurity "restricted:latest": {refused}'
            condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
            await self.status(path, {"conditions": [condition]})
            return
        template = deployment["spec"]["template"]
        digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:8]
        pods_path = path.partition("/namespaces/")[2].partition("/")[0]
        pods_path = f"/api/v1/namespaces/{pods_path}/pods"
        while path in self.store.objects and self.store.objects[path]["spec"]["template"] == template:
            wanted = self.store.objects[path]["spec"].get("replicas", 1)
            pods = [(each, pod) for each, pod in self.store.collection(pods_path) if _owner(pod) == path]
            alive = [(each, pod) for each, pod in pods if "deletionTimestamp" not in pod["metadata"]]
            new = [(each, pod) for each, pod in alive if pod["metadata"]["labels"]["pod-template-hash"] == digest]
            if len(new) < wanted:
                await self._make_pod(path, pods_path, template, digest)
            elif len(alive) > wanted and (all(is_ready(pod) for _, pod in new) or not self.conduct.keeps_old_pods):
                old = [each for each, pod in alive if pod["metadata"]["labels"]["pod-template-hash"] != digest]
                await self.delete(old[0], None)
            generation = self.store.objects[path]["metadata"]["generation"]
            ready = sum(is_ready(pod) for _, pod in new)
            done = {"readyReplicas": sum(is_ready(pod) for _, pod in alive), "updatedReplicas": len(new)}
            counts = {**done, "replicas": len(alive), "availableReplicas": ready, "observedGeneration": generation}
            available = {"type": "Available", "status": str(ready > 0), "reason": "Simulated", "message": ""}
            await self.status(path, {**counts, "conditions": [available]})
            await asyncio.sleep(STEP_SECONDS)

    async def _make_pod(self, path: str, pods_path: str, template: Json, digest: str) -> None:
        namespace = self.store.objects.get(pods_path.removesuffix("/pods"))
        if not namespace or "deletionTimestamp" in namespace["metadata"]:
            return
        name = f"{path.rpartition('/')[2]}-{digest}-{next(self._numbers)}"
        metadata = copy.deepcopy(template.get("metadata") or {})
        metadata.update(name=name, annotations={"simulated/owner": path})
        metadata.setdefault("labels", {})["pod-template-hash"] = digest
        metadata["ownerReferences"] = [{"kind": "ReplicaSet", "name": f"{path.rpartition('/')[2]}-{digest}"}]
        await self.put(f"{pods_path}/{name}", {"kind": "Pod", "metadata": metadata, "spec": template["spec"]})

    async def _run(self, path: str) -> None:
        spec = self.store.objects[path]["spec"]
        names = [each["name"] for each in spec["containers"]]
        if self.conduct.image_missing:
            waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
            await self.status(
                path, {"phase": "Pending", "containerStatuses": [container(each, waiting) for each in names]}
            )
            return
        end, seconds = self.conduct.unscheduled
        if end and path.endswith(end):
            reason = {"reason": "Unschedulable", "message": "0/1 nodes are available: 1 Insufficient cpu."}
            await self.status(path, {"conditions": [{"type": "PodScheduled", "status": "False", **reason}]})
            await asyncio.sleep(seconds)
        code = self.conduct.init_exit_code or (78 if is_spoilt(spec) else 0)
        if code and spec.get("initContainers"):
            ended = {"terminated": {"exitCode": code, "reason": "Error", "containerID": "sim://i"}}
            init = [container(each["name"], ended, restartCount=1) for each in spec["initContainers"]]
            await self.status(path, {"phase": "Pending", "initContainerStatuses": init})
            return
        if self.conduct.hold_back:
            return
        role = (self.store.objects[path]["metadata"].get("labels") or {}).get("seatrial.dev/role")
        closed = role == "closed" and self.conduct.enforces_policies
        base = {"phase": "Running", "podIP": NOBODY if closed else HOST}
        running = {"running": {"startedAt": "now"}}
        for flags in ({}, {"started": True}, {"started": True, "ready": True}):
            await asyncio.sleep(STEP_SECONDS)
            ready = {"type": "Ready", "status": str(bool(flags.get("ready")))}
            statuses = [container(each, running, **flags) for each in names]
            await self.status(path, {**base, "conditions": [ready], "containerStatuses": statuses})
            if not self.conduct.starts:
                return
        await self._endpoints(path)

    async def _end(self, path: str, grace_seconds: float | None) -> None:
        pod = copy.deepcopy(self.store.objects[path])
        grace = pod["spec"].get("terminationGracePeriodSeconds", 30) if grace_seconds is None else grace_seconds
        pod["metadata"].update(deletionTimestamp="now", deletionGracePeriodSeconds=grace)
        await self.store.put(path, pod)
        if not self.conduct.keeps_endpoints:
            await self._endpoints(path)
        names = [each["name"] for each in pod["spec"]["containers"]]
        if self.conduct.says_killing:
            for name in names:
                await self.event(path, name, "Killing", f"Stopping container {name}")
        await asyncio.sleep(self.conduct.ends_after_seconds / 2)
        for name in names:
            message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
            await self.event(path, name, "Unhealthy", message)
        await asyncio.sleep(self.conduct.ends_after_seconds / 2)
        if self.conduct.says_how_it_ended:
            code = self.conduct.exit_code
            ended = {
                "terminated": {"exitCode": code, "reason": "Error" if code else "Completed", "containerID": "sim://0"}
            }
            conditions = [{"type": "Ready", "status": "False"}]
            statuses = [container(each, ended) for each in names]
            await self.status(path, {"phase": "Succeeded", "conditions": conditions, "containerStatuses": statuses})
        await self.store.remove(path)

    async def event(self, path: str, container: str, reason: str, message: str, count: int = 1) -> None:
        """Have the kubelet tell something of a pod's container."""
        namespace, _, name = path.partition("/namespaces/")[2].partition("/pods/")
        key = hashlib.sha256(f"{name}{container}{reason}{message}".encode()).hexdigest()[:8]
        about = {"kind": "Pod", "name": name, "fieldPath": f"spec.containers{{{container}}}"}
        body = {
            "metadata": {"name": key},
            "involvedObject": about,
            "reason": reason,
            "message": message,
            "count": count,
        }
        if f"/api/v1/namespaces/{namespace}" in self.store.objects:
            await self.store.put(f"/api/v1/namespaces/{namespace}/events/{key}", body)

    async def status(self, path: str, status: Json) -> None:
        """Have an object be in a state, if it is there."""
        if path in self.store.objects:
            await self.store.put(path, {**self.store.objects[path], "status": status})

    async def _endpoints(self, path: str) -> None:
        """Make every Service's endpoints of its namespace anew."""
        root = path.rpartition("/pods/")[0]
        for service_path, service in list(self.store.collection(f"{root}/services")):
            selector, name = service["spec"]["selector"], service_path.rpartition("/")[2]
            endpoints: list[Json] = [
                {
                    "addresses": [HOST],
                    "conditions": {"ready": is_ready(pod) and "deletionTimestamp" not in pod["metadata"]},
                    "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"]},
                }
                for _, pod in self.store.collection(f"{root}/pods")
                if selector.items() <= (pod["metadata"].get("labels") or {}).items()
            ]
            metadata = {"name": f"{name}-1", "labels": {"kubernetes.io/service-name": name}}
            if self.conduct.keeps_endpoints:
                known = self.store.objects.get(f"{_slices(root)}/{name}-1", {}).get("endpoints", [])
                kept = {each["targetRef"]["name"]: each for each in known if each["conditions"]["ready"]}
                endpoints = [*kept.values(), *(each for each in endpoints if each["targetRef"]["name"] not in kept)]
            await self.store.put(f"{_slices(root)}/{name}-1", {"metadata": metadata, "endpoints": endpoints})


def _slices(root: str) -> str:
    return root.replace("/api/v1", "/apis/discovery.k8s.io/v1") + "/endpointslices"


def _owner(pod: Json) -> str:
    return str((pod["metadata"].get("annotations") or {}).get("simulated/owner"))
