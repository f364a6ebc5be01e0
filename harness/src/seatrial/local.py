"""A deployment that stays: an overlay played on this machine as it is rendered, by `seatrial up`."""

import hashlib
import shlex
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import CommandError, ManifestError, NotOwnedError, PlayError
from seatrial.host.listeners import is_taken, listener
from seatrial.host.ports import HOST
from seatrial.host.turn import turn
from seatrial.kubelet.attempt import attempt
from seatrial.kubelet.watching import MARGIN_SECONDS, until_ready
from seatrial.manifests import credentials, isolation
from seatrial.manifests.kustomize import Object, dump, render
from seatrial.manifests.order import in_order
from seatrial.manifests.ownership import MADE_OF, SOURCE, labelled
from seatrial.manifests.pods import Container, PodTemplate, is_deployable, pods
from seatrial.manifests.probe import HttpGet, Probe, TcpSocket
from seatrial.podman import images
from seatrial.podman.client import Podman
from seatrial.podman.play import play

LOG_BYTES = 64 * 1024 * 1024
"""Where nothing rotates a container's log, podman begins it anew at this size."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class ContainerStatus:
    """One container as a person wants to know it."""

    pod: str
    container: str
    image: str
    state: str
    ready: str
    urls: tuple[str, ...]


class Local:
    """An overlay on this machine; `tell` hears, line by line, what goes on."""

    def __init__(self, source: Path, objects: list[Object], tell: Tell) -> None:
        self._path = source
        self._source = str(source.resolve())
        self._objects = objects
        self._templates = pods(objects)
        self._podman = Podman()
        self._tell = tell
        if not self._templates:
            raise ManifestError(f"{source}: there is no Deployment or Pod in it")
        for container in (each for template in self._templates for each in template.containers):
            _refuse_hooks(container)
            _refuse_unreachable(str(source), container)

    @classmethod
    async def rendered(cls, path: Path, tell: Tell) -> "Local":
        """Render an overlay."""
        return cls(path, in_order(await render(path)), tell)

    async def up(self) -> None:
        """Play it, replacing gracefully what differs, and wait until it is ready; what is the same stays as it is.

        Images are pulled or made where podman has none; Secrets that the overlay lacks are made up and kept.

        Raises NotOwnedError, before anything is changed, when a name or a port is another's. Raises PlayError when
        podman cannot play it, after having removed what it began, and NotReadyError, with what explains it, when it
        does not become ready; then it is left as it is, to be looked at.
        """
        async with self._turn():
            await self.refuse_strangers()
            substituted = await images.substitutes(isolation.image_names(self._objects), tell=self._tell)
            self._objects = isolation.with_images(self._objects, substituted)
            self._templates = pods(self._objects)
            for secret in self._missing_secrets():
                if await self._podman.create_secret(secret["metadata"]["name"], dump([secret])):
                    self._tell(f"made the Secret {secret['metadata']['name']}")
            made_of = await self._made_of()
            if await self._is_played(made_of):
                self._tell("nothing has changed")
            else:
                await self._play(made_of)
            for template in self._templates:
                self._tell(f"waiting until {template.name} is ready")
                await until_ready(template, self._podman)

    async def refuse_strangers(self) -> None:
        """Raise NotOwnedError when a pod of these names, or a port that they publish, is another's."""
        owners = await self._owners("pod")
        for name in self._pod_names():
            if owners.get(name, self._source) != self._source:
                raise NotOwnedError(_of_another("pod", name, owners[name]))
        absent = (template for template in self._templates if template.name not in owners)
        for container in (each for template in absent for each in template.containers):
            for port in (port.host_port for port in container.ports if port.host_port):
                if is_taken(HOST, port):
                    holder = await self._podman.publisher(port) or listener(port) or "a process of another user"
                    raise NotOwnedError(f"port {port}, which {container.name} publishes, is taken by {holder}")

    async def down(self, *, volumes: bool) -> bool:
        """Stop it within its grace period and remove it, with `volumes` also its data; return whether it was there.

        What has its names and is another's is named, and left alone.
        """
        async with self._turn():
            owners = await self._owners("pod")
            own = [template for template in self._templates if owners.get(template.name) == self._source]
            for name in self._pod_names():
                if owners.get(name, self._source) != self._source:
                    self._tell(f"left alone: {_of_another('pod', name, owners[name])}")
            if own:
                self._tell(f"stopping, within {self._grace_seconds:g} s")
                await self._remove(own)
            if volumes:
                await self._remove_data()
            return bool(own)

    async def status(self) -> list[ContainerStatus]:
        """Return the state of every container; one attempt of each readiness probe tells whether it is ready."""
        owners = await self._owners("pod")
        return [
            await self._status(template, container, owners.get(template.name))
            for template in self._templates
            for container in template.containers
        ]

    async def with_logs(self) -> tuple[str, ...]:
        """Return whose logs to follow, what the overlay is about first; NotOwnedError if nothing of it is there.

        The silent container of a pod is among them: podman writes names before lines only where it follows several.
        """
        owners = await self._owners("pod")
        own = [template for template in self._templates if owners.get(template.name) == self._source]
        if not own:
            raise NotOwnedError(f"nothing of {self._path} is there")
        first = sorted(own, key=lambda template: template.component is not None)
        names = [container.podman_name for template in first for container in template.containers]
        return *names, await self._podman.infra(first[0].name)

    @property
    def _grace_seconds(self) -> float:
        return sum(template.grace_period_seconds for template in self._templates)

    def _pod_names(self) -> list[str]:
        return [template.name for template in self._templates]

    def _turn(self) -> AbstractAsyncContextManager[None]:
        return turn(self._path, waiting=lambda: self._tell(f"waiting for another command on {self._path} to end"))

    async def _owners(self, kind: str) -> dict[str, str]:
        """Return whose each of podman's pods or volumes is, nothing for what says nothing of that."""
        return {name: labels.get(SOURCE, "") for name, labels in (await self._podman.labels(kind)).items()}

    def _missing_secrets(self) -> list[Object]:
        return credentials.missing(self._objects, credentials.random_value)

    async def _play(self, made_of: str) -> None:
        replaced = [name for name in await self._podman.labels("pod") if name in self._pod_names()]
        self._tell(f"replacing, within {self._grace_seconds:g} s" if replaced else "playing")
        if replaced:
            await self._stop(self._templates)
        try:
            await play(
                self._podman,
                dump(labelled(self._objects, {SOURCE: self._source, MADE_OF: made_of})),
                self._templates,
                replace=bool(replaced),
                log_bytes=LOG_BYTES,
                limit_seconds=self._grace_seconds + 2 * MARGIN_SECONDS,
            )
        except PlayError:
            owners = await self._owners("pod")  # another may have taken a name in the meantime
            await self._remove([each for each in self._templates if owners.get(each.name) == self._source])
            raise

    async def _remove(self, templates: Sequence[PodTemplate]) -> None:
        """Stop pods gracefully, and remove them with what was made for them, but for their data."""
        kept = {template.name for template in self._templates} - {template.name for template in templates}
        objects = [each for each in self._objects if not (is_deployable(each) and pods([each])[0].name in kept)]
        await self._stop(templates)
        await self._podman.kube_down(dump(objects), limit_seconds=self._grace_seconds + 60)

    async def _remove_data(self) -> None:
        """Remove the volumes of its claims and the Secrets that were made up for it, named before they go."""
        owners = await self._owners("volume")
        claims = [name for name in dict.fromkeys(isolation.claims(self._objects)) if name in owners]
        own = [name for name in claims if owners[name] == self._source]
        for name in claims:
            if name not in own:
                self._tell(f"left alone: {_of_another('volume', name, owners[name])}")
        if len(own) < len(claims):
            return  # the data that stays needs its passwords
        secrets = [secret["metadata"]["name"] for secret in self._missing_secrets()]
        if going := [*(f"volume {name}" for name in own), *(f"Secret {name}" for name in secrets)]:
            self._tell(f"removing the data: {', '.join(going)}")
        await self._podman.remove_volumes([*own, *secrets])  # podman mounts a Secret as a volume of its name
        await self._podman.remove_secrets(secrets)

    async def _stop(self, templates: Sequence[PodTemplate]) -> None:
        """Stop the containers, what others depend on last.

        Before podman 5.5 a pod that is stopped loses its network at once: whatever drains in it would answer nobody.
        """
        for template in reversed(templates):
            names = [container.podman_name for container in template.containers]
            await self._podman.stop(names, template.grace_period_seconds)

    async def _is_played(self, made_of: str) -> bool:
        labels = await self._podman.labels("pod")
        if any(labels.get(name, {}).get(MADE_OF) != made_of for name in self._pod_names()):
            return False
        containers = [container.podman_name for template in self._templates for container in template.containers]
        return all([(await self._podman.inspect(name)).running for name in containers])

    async def _made_of(self) -> str:
        """Return the digest of the manifests and of the images, whatever those are called."""
        identities = [await images.identity(name) for name in sorted(isolation.image_names(self._objects))]
        return hashlib.sha256("\0".join([dump(self._objects), *identities]).encode()).hexdigest()

    async def _status(self, template: PodTemplate, container: Container, owner: str | None) -> ContainerStatus:
        if owner is not None and owner != self._source:
            ready = f"no: {_of_another('pod', template.name, owner)}"
            return ContainerStatus(template.name, container.name, container.image, "absent", ready, ())
        urls = tuple(f"http://{HOST}:{port.host_port}" for port in container.ports if port.host_port)
        try:
            state = await self._podman.inspect(container.podman_name)
        except CommandError:
            return ContainerStatus(template.name, container.name, container.image, "absent", "no", ())
        ready = "yes" if state.running else "no"
        if state.running and container.readiness:
            made = await attempt(
                container.readiness,
                container.host_port,
                lambda command: self._podman.exec(container.podman_name, command),
            )
            ready = "yes" if made.succeeded else f"no: {made.detail}"
        return ContainerStatus(template.name, container.name, container.image, state.status, ready, urls)


def _of_another(kind: str, name: str, owner: str) -> str:
    if owner:
        return f"the {kind} {name} is of {owner}; `seatrial down {shlex.quote(owner)}` stops what is of it"
    return f"the {kind} {name} is not of this tool's making; `podman {kind} rm {name}` removes it"


def _refuse_hooks(container: Container) -> None:
    if container.pre_stop or container.post_start:
        raise ManifestError(f"container {container.name}: podman runs no lifecycle hooks; drain in the application")


def _refuse_unreachable(source: str, container: Container) -> None:
    """Raise ManifestError, before anything is changed, for an overlay that is meant for a cluster."""
    match container.readiness:
        case Probe(handler=HttpGet(port=port) | TcpSocket(port=port)):
            try:
                container.host_port(port)
            except ManifestError as error:
                raise ManifestError(f"{source} is not for podman: {error} (hostPort)") from error
