"""Deploying for a test on a cluster: prepared, applied and watched in a namespace of its own; removed on every path."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.cluster import client, jobs, namespace, resources
from seatrial.cluster.api import Api
from seatrial.cluster.client import ClientPod, RemoteTraffic, once
from seatrial.cluster.lead import Lead
from seatrial.cluster.objects import named_namespaces, prepare, service_port, uses
from seatrial.cluster.observer import Observer
from seatrial.cluster.pod import ClusterPod, Stuck, unstartable
from seatrial.cluster.policies import policies
from seatrial.cluster.resources import Resources
from seatrial.cluster.sightings import has_started, why_waiting
from seatrial.cluster.workload import Workload, workloads
from seatrial.errors import ClusterError, LimitExceededError, ManifestError, PlayError
from seatrial.kubelet.deployment import new_run
from seatrial.manifests.isolation import Settings
from seatrial.manifests.kustomize import Object, render
from seatrial.manifests.native import kind, native
from seatrial.manifests.pods import is_deployable, is_job, pod_spec
from seatrial.timeline import Kind, Timeline
from seatrial.traffic.clients import Client, Once, Traffic
from seatrial.traffic.exchange import Outcome, Request
from seatrial.waiting import to_the_end

DEPENDENCY_SECONDS = 120.0
"""How long what the lead depends on may take until it is ready, when it has started."""
START_SECONDS = 300.0
"""How long pods may take until every container has run: images, volumes, and init containers that wait."""
REFUSED_SECONDS = 10.0
"""How long pods may be refused: a quota's or a webhook's controller may be late."""
APPLY_LAST = ("Deployment", "Pod", "HorizontalPodAutoscaler")
POLL_SECONDS = 0.1

Tell = Callable[[str], None]


@dataclass
class ClusterDeployment:
    """What is applied: `run` marks everything that belongs to it."""

    run: str
    namespace: str
    objects: list[Object]
    timeline: Timeline
    api: Api
    observer: Observer
    resources: Resources
    workloads: tuple[Workload, ...]
    tell: Tell
    lead: Lead | None
    _watching: asyncio.Task[None]
    _open: AsyncExitStack
    _client: ClientPod | None = None
    _begin: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def pod(self) -> ClusterPod:
        """The first pod of the workload that the overlay is about: its lead, or the one that is no component."""
        if self.lead is None:
            return self._only(None)
        name = self.lead.workload
        return self.first(next(each for each in self.workloads if each.name == name and not is_job(each.object)))

    def first(self, workload: Workload) -> ClusterPod:
        """Return the first pod of a workload."""
        return ClusterPod(workload, self.observer, self.api, self.namespace, self.check)

    @property
    def workload(self) -> Workload:
        """The workload that the overlay is about."""
        return self.pod.workload

    @property
    def replicas(self) -> int:
        """How many pods the service's workload wants, as the cluster has it: an autoscaler may have changed it."""
        live = self.observer.deployments.get(self.workload.name)
        return int(live["spec"].get("replicas", 1)) if live else self.workload.replicas

    def component(self, part: str) -> ClusterPod:
        """Return the first pod of a component: its label `app.kubernetes.io/component` says `part`."""
        return self._only(part)

    def has_component(self, part: str) -> bool:
        """Tell whether there is such a component."""
        return any(each.template.component == part for each in self.workloads)

    @asynccontextmanager
    async def traffic(self, port: int, clients: Sequence[Client]) -> AsyncIterator[Traffic]:
        """Send traffic to a port of the service's pods, from inside, for as long as the context lasts.

        It goes through the Service. With one replica it goes to the pod itself, as on podman: nobody else serves
        while it ends. Where nothing can be sent from inside, the timeline says why, and it goes by port-forward.
        """
        served = service_port(self.objects, self.workload.object, port) if self.replicas > 1 else None
        host, target = await self._service_address(*served, port) if served else (self.pod.address, port)
        inside = await self._inside()
        if inside:
            async with RemoteTraffic(inside, host, target, clients) as traffic:
                yield traffic
        else:
            async with self.forwarded(self.pod, port) as local_port, Traffic(local_port, clients) as traffic:
                yield traffic

    async def hold(self, pod: ClusterPod, port: int, request: Request, *, for_seconds: float) -> Outcome:
        """Send one request to one pod, its body over so long, and return its outcome."""
        clients, limit_seconds = [Once(request, for_seconds)], 10.0
        if inside := await self._inside():
            return await once(inside, pod.address, port, clients, limit_seconds)
        async with self.forwarded(pod, port) as local_port, Traffic(local_port, clients) as traffic:
            await traffic.wait()
        return traffic.outcomes[0]

    @asynccontextmanager
    async def forwarded(self, pod: ClusterPod, port: int) -> AsyncIterator[int]:
        """Forward a port of this machine to a pod's."""
        async with self.api.forwarded(self.namespace, pod.name, port) as local_port:
            yield local_port

    async def apply(self, objects: Sequence[Object]) -> list[Object]:
        """Apply objects, each in its own kind, workloads last, and return what the server made of them.

        Kinds that the server lacks, or that belong to no namespace, are left out, and the timeline says so.
        """
        applied = []
        for found in map(native, sorted(objects, key=lambda found: found["kind"] in APPLY_LAST)):
            subject = f"{found['kind']} {found['metadata']['name']}"
            if reason := await self.resources.why_not(found):
                self.timeline.record(Kind.SKIPPED, subject, reason)
                self.tell(f"left out: {subject}: {reason}")
                continue
            applied.append(await self.api.apply(await self.resources.path(found, self.namespace), found))
            self.timeline.record(Kind.APPLIED, subject)
        return applied

    async def create_client(self, name: str, labels: dict[str, str]) -> None:
        """Make a pod that waits, in the service's image and with these labels, and return when it runs."""
        spec = pod_spec(self.workload.object)
        serving = [each for each in spec["containers"] if self.lead and each["name"] == self.lead.container]
        image = (serving or spec["containers"])[0]["image"]
        body = client.manifest(name, self.namespace, run=self.run, image=image, labels=labels, like=spec)
        await self.api.create(resources.pods(self.namespace), body)
        await client.until_running(self.api, self.namespace, name)

    def check(self) -> None:
        """Raise what made the watches fail, if they have."""
        if self._watching.done() and not self._watching.cancelled():
            error = self._watching.exception()
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            raise error or ClusterError("the watches have ended")

    async def _service_address(self, name: str, service_port: int, port: int) -> tuple[str, int]:
        """Return a Service's address and port, its name if need be: a hundred lookups a second would try the DNS.

        A headless one's name is the pods' addresses, where the pods' own port is.
        """
        found = await self.api.get(resources.core(self.namespace, "services", name))
        address = str(found["spec"].get("clusterIP") or "None")
        if address == "None":
            return name, port
        return name if ":" in address else address, service_port

    def _only(self, component: str | None) -> ClusterPod:
        found = [each for each in self.workloads if each.template.component == component]
        if len(found) != 1:
            names = ", ".join(f"{each.kind} {each.name}" for each in self.workloads)
            raise ManifestError(f"{len(found)} workloads are the component {component}, not one; there are {names}")
        return self.first(found[0])

    async def _inside(self) -> ClientPod | None:
        async with self._begin:
            if self._client is None and not self.timeline.of(Kind.SKIPPED, subject=client.NAME):
                try:
                    await self.create_client(client.NAME, client.LABELS)
                    self._client = await self._open.enter_async_context(ClientPod(self.api, self.namespace))
                except (ClusterError, LimitExceededError) as error:
                    self.timeline.record(Kind.SKIPPED, client.NAME, str(error))
                    self.tell(f"traffic goes by port-forward, not from inside the cluster: {error}")
            return self._client


@asynccontextmanager
async def deployed(
    api: Api,
    source: Path | Sequence[Object],
    *,
    tell: Tell,
    lead: Lead | None = None,
    images: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    run: str | None = None,
    keep_volumes: bool = False,
) -> AsyncIterator[ClusterDeployment]:
    """Apply an overlay, a YAML file or objects in a namespace of the run's own, and remove it at the end.

    `tell` hears what will be created before it is. `settings` are the lead's alone, if there is one. `keep_volumes`
    leaves the namespace with its claims for another deployment of the same `run`. Raises RenderError, ManifestError,
    ClusterError, and PlayError when a pod will not start.
    """
    rendered = await render(source) if isinstance(source, Path) else list(source)
    run = run or new_run()
    name, timeline = namespace.name_of(run), Timeline()
    objects = prepare(rendered, run, name, images=images, settings=settings, of=lead.workload if lead else None)
    for image in images or {}:
        if not uses(rendered, image):
            tell(f"--image {image}: no container of this deployment uses it")
    for old in named_namespaces(rendered):
        tell(f"something names .{old}.svc, which is not in {name}, and may reach another deployment's Service")
    makers = workloads(objects)
    if not makers:
        raise ManifestError(f"{source if isinstance(source, Path) else 'the manifests'}: there is no Deployment or Pod")
    named = ", ".join(f"{kind(found)} {found['metadata']['name']}" for found in objects)
    tell(f"creating in context {api.context.name} ({api.context.server}) the namespace {name}, and in it {named}")
    await namespace.create(api, run)
    try:
        await namespace.until_usable(api, run)
        observer = Observer(api, name, makers, timeline)
        async with AsyncExitStack() as stack:
            watching = asyncio.create_task(observer.run(), name=f"watches of {name}")
            stack.push_async_callback(_cancel, watching)
            deployment = ClusterDeployment(
                run, name, objects, timeline, api, observer, Resources(api), makers, tell, lead, watching, stack
            )
            await (
                _in_turns(deployment, lead)
                if lead
                else deployment.apply([*objects, *policies(deployment.workload, objects, name)])
            )
            await _until_started(deployment, [each for each in makers if not is_job(each.object)])
            yield deployment
    finally:
        await to_the_end(_down(api, run, tell, objects if keep_volumes else None))


async def _down(api: Api, run: str, tell: Tell, kept: Sequence[Object] | None) -> None:
    if kept is None:
        await namespace.remove_or_tell(api, run, tell)  # what it would raise would hide what has been seen
    elif await namespace.of_runs(api, run):
        name = namespace.name_of(run)
        made = [found["metadata"]["name"] for found in kept if found["kind"] == "Deployment"]
        await namespace.empty(api, run, [resources.deployments(name, each) for each in made])


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _in_turns(deployment: ClusterDeployment, lead: Lead) -> None:
    """Apply one workload after the other, each when those that the lead needs are ready, and the Jobs done."""
    others = [each for each in deployment.objects if not is_deployable(each)]
    await deployment.apply([*others, *policies(deployment.workload, deployment.objects, deployment.namespace)])
    for workload in deployment.workloads:
        await deployment.apply([workload.object])
        if is_job(workload.object):
            await jobs.until_done(deployment.api, deployment.namespace, deployment.observer, workload)
        elif workload.name in lead.needs:
            await _until_started(deployment, [workload])
            await deployment.first(workload).until_ready(DEPENDENCY_SECONDS)


async def _until_started(deployment: ClusterDeployment, makers: Sequence[Workload]) -> None:
    """Return when every container of the workloads' pods has run; PlayError when one will not."""
    deadline, observer, stuck = time.monotonic() + START_SECONDS, deployment.observer, Stuck()
    while True:
        deployment.check()
        # Of the lead all pods are judged, of others the first one is looked at.
        every = deployment.workload.name if deployment.lead else ""
        found = [(each, pod) for each in makers for pod in observer.awaited(each, every=each.name == every)]
        for workload in makers:
            refused = observer.refused(workload)
            if stuck.lasts(workload.name, REFUSED_SECONDS, refused):
                raise PlayError(f"{workload.kind} {workload.name}: {refused}")
        for workload, pod in found:
            if pod and (why := unstartable(pod, stuck)):
                first = deployment.first(workload)
                said = f"pod {pod['metadata']['name']} does not start: {why[0]}\n{first.history()}"
                raise PlayError(said, why[1], logs=await first.logs())
        if all(pod and has_started(pod, len(workload.template.containers)) for workload, pod in found):
            return
        if time.monotonic() > deadline:
            waiting = [each for _, pod in found if pod and (each := why_waiting(pod))]
            said = "; ".join([f"not within {START_SECONDS:g} s: every container has run", *waiting])
            raise LimitExceededError(f"{said}\n--- timeline\n{deployment.timeline}")
        await asyncio.sleep(POLL_SECONDS)
