"""Deploying for a test: rendered, isolated, played and tended; taken down on every path."""

import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import CommandError, ManifestError
from seatrial.kubelet import job
from seatrial.kubelet.pod import Pod
from seatrial.manifests import credentials, isolation
from seatrial.manifests.kustomize import Object, dump, render
from seatrial.manifests.order import in_order, turns
from seatrial.manifests.pods import pods
from seatrial.podman.client import Podman
from seatrial.podman.images import substitutes
from seatrial.podman.play import play
from seatrial.timeline import Kind, Timeline
from seatrial.traffic.clients import Client, Traffic, hold
from seatrial.traffic.exchange import Outcome, Request
from seatrial.waiting import to_the_end

PLAY_LIMIT_SECONDS = 120.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Deployment:
    """What is played: `run` is part of every name that podman knows."""

    run: str
    objects: Sequence[Object]
    pods: tuple[Pod, ...]
    podman: Podman
    timeline: Timeline

    @property
    def pod(self) -> Pod:
        """The pod that the overlay is about: the one that is no component of another."""
        return self._only(None)

    def component(self, part: str) -> Pod:
        """Return the pod of a component: the one whose label `app.kubernetes.io/component` says `part`."""
        return self._only(part)

    def traffic(self, port: int, clients: Sequence[Client]) -> Traffic:
        """Send traffic to a port of the pod's for as long as the context lasts."""
        return Traffic(self.pod.host_port(port), clients)

    async def hold(self, pod: Pod, port: int, request: Request, *, for_seconds: float) -> Outcome:
        """Send one request to one pod, its body over so long, and return its outcome."""
        return await hold(pod.host_port(port), request, for_seconds=for_seconds)

    def _only(self, component: str | None) -> Pod:
        found = [pod for pod in self.pods if pod.template.component == component]
        if len(found) != 1:
            names = ", ".join(pod.name for pod in self.pods)
            raise ManifestError(f"{len(found)} pods are the component {component}, not one; there are {names}")
        return found[0]


def new_run() -> str:
    """Return an id for a run that no other has."""
    return secrets.token_hex(4)


@asynccontextmanager
async def deployed(
    source: Path | Sequence[Object],
    *,
    images: Mapping[str, str] | None = None,
    settings: isolation.Settings | None = None,
    of: str | None = None,
    run: str | None = None,
    keep_volumes: bool = False,
    keep: bool = False,
    timeline: Timeline | None = None,
) -> AsyncIterator[Deployment]:
    """Play an overlay, a YAML file or objects beside whatever runs, and remove every trace of it at the end.

    `images`, `settings` and `of` are as for `isolate`; pods of others than `of` only stand beside its own. Other images
    that no registry has are replaced by stand-ins, and Secrets that the source lacks are made up. `keep_volumes` leaves
    the claims' volumes for another deployment of the same `run`; `keep` leaves all of it as it is, unless an exception
    ends the context. What happens is written to `timeline`. The end is abrupt: `Pod.terminate` is the graceful one.
    Jobs are waited for before what stands after them is played. Raises RenderError, ManifestError and PlayError.
    """
    rendered = await render(source) if isinstance(source, Path) else source
    run = run or new_run()
    complete = [*rendered, *credentials.missing(rendered, credentials.value_of_run(run))]
    given = images or {}
    others = [name for name in isolation.image_names(rendered) if not name.startswith(tuple(given))]
    substituted = {**await substitutes(others, tell=_log.info), **given}
    objects = in_order(isolation.isolate(complete, run, images=substituted, settings=settings, of=of))
    templates = pods(objects)
    if not templates:
        raise ManifestError(f"{source if isinstance(source, Path) else 'the manifests'}: there is no Deployment or Pod")
    podman, timeline = Podman(), timeline or Timeline()
    left = False
    try:
        # A network of its own, because containers are found by name on the one that podman otherwise shares.
        await podman.create_network(_network(run), run, keep=keep)
        async with AsyncExitStack() as tended:
            played = []
            for turn, template in zip(turns(isolation.playable(objects)), templates, strict=True):
                network = turn.on(_network(run))
                await play(
                    podman, dump([*turn.objects]), (template,), network=network, limit_seconds=PLAY_LIMIT_SECONDS
                )
                timeline.record(Kind.PLAYED, template.name)
                if template.backoff_limit is not None:
                    await job.done(template, podman, timeline)
                    continue
                beside = of is not None and template.name not in isolation.pod_names(of, run)
                played.append(await tended.enter_async_context(Pod(template, podman, timeline, beside=beside)))
            yield Deployment(run, objects, tuple(played), podman, timeline)
        left = keep
    finally:
        if not left:
            await to_the_end(_down(podman, objects, run, keep_volumes=keep_volumes))
            for template in templates:
                timeline.record(Kind.DOWN, template.name)


async def _down(podman: Podman, objects: Sequence[Object], run: str, *, keep_volumes: bool) -> None:
    kept = [] if keep_volumes else isolation.claims(objects)
    failed: list[CommandError] = []
    for step in (
        # By name: twice a listing by label lacked pods that were running, for a reason not found (podman 5.4.2).
        podman.remove_pods(template.name for template in pods(objects)),
        podman.remove_secrets(isolation.secrets(objects)),
        podman.remove_volumes([*isolation.volumes(objects), *kept]),
        podman.remove_networks([_network(run)]),
    ):
        try:
            await step
        except CommandError as error:  # what can be removed is, and then the first one is told
            failed.append(error)
    if failed:
        raise failed[0]


def _network(run: str) -> str:
    return f"seatrial-{run}"
