"""A deployment that stays: an overlay played on this machine as it is rendered, for `make up` and `make down`."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import CommandError, ManifestError, PlayError
from seatrial.host.ports import HOST
from seatrial.kubelet.attempt import attempt
from seatrial.kubelet.watching import MARGIN_SECONDS, until_ready
from seatrial.manifests import credentials, isolation
from seatrial.manifests.kustomize import Object, dump, render
from seatrial.manifests.pods import Container, HttpGet, PodTemplate, Probe, TcpSocket, pods
from seatrial.podman import images
from seatrial.podman.client import Podman
from seatrial.podman.play import play

STATE = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
PLAYED = STATE / "seatrial" / "played"

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

    def __init__(self, source: str, objects: list[Object], tell: Tell) -> None:
        self._objects = objects
        self._templates = pods(objects)
        self._podman = Podman()
        self._tell = tell
        if not self._templates:
            raise ManifestError(f"{source}: there is no Deployment or Pod in it")
        for container in (each for template in self._templates for each in template.containers):
            _refuse_hooks(container)
            _refuse_unreachable(source, container)

    @classmethod
    async def rendered(cls, path: Path, tell: Tell) -> "Local":
        """Render an overlay."""
        return cls(str(path), await render(path), tell)

    async def up(self) -> None:
        """Play it, replacing gracefully what differs, and wait until it is ready; what is the same stays as it is.

        Images are pulled or made where podman has none; Secrets that the overlay lacks are made up and kept.

        Raises PlayError when podman cannot play it, after having removed what it began, and NotReadyError, with what
        explains it, when it does not become ready; then it is left as it is, to be looked at.
        """
        substituted = await images.substitutes(isolation.image_names(self._objects), tell=self._tell)
        self._objects = isolation.with_images(self._objects, substituted)
        self._templates = pods(self._objects)
        for secret in self._missing_secrets():
            if await self._podman.create_secret(secret["metadata"]["name"], dump([secret])):
                self._tell(f"made the Secret {secret['metadata']['name']}")
        if await self._is_played():
            self._tell("nothing has changed")
        else:
            await self._play()
        for template in self._templates:
            self._tell(f"waiting until {template.name} is ready")
            await until_ready(template, self._podman)

    async def down(self, *, volumes: bool) -> bool:
        """Stop it within its grace period and remove it, with `volumes` also its data; return whether it was there."""
        existed = any([await self._podman.has_pod(template.name) for template in self._templates])
        if existed:
            self._tell(f"stopping, within {self._grace_seconds:g} s")
        await self._stop()
        await self._podman.kube_down(self._manifests, force=volumes, limit_seconds=self._grace_seconds + 60)
        for template in self._templates:
            (PLAYED / template.name).unlink(missing_ok=True)
        if volumes:
            names = [secret["metadata"]["name"] for secret in self._missing_secrets()]
            await self._podman.remove_volumes(names)  # podman mounts a Secret as a volume of its name, and leaves it
            await self._podman.remove_secrets(names)
        return existed

    async def status(self) -> list[ContainerStatus]:
        """Return the state of every container; one attempt of each readiness probe tells whether it is ready."""
        return [
            await self._status(template, container) for template in self._templates for container in template.containers
        ]

    @property
    def pod_names(self) -> tuple[str, ...]:
        """The names of its pods in podman."""
        return tuple(template.name for template in self._templates)

    @property
    def _grace_seconds(self) -> float:
        return sum(template.grace_period_seconds for template in self._templates)

    @property
    def _manifests(self) -> str:
        return dump(self._objects)

    def _missing_secrets(self) -> list[Object]:
        return credentials.missing(self._objects, credentials.random_value)

    async def _play(self) -> None:
        replaces = any([await self._podman.has_pod(template.name) for template in self._templates])
        self._tell(f"replacing, within {self._grace_seconds:g} s" if replaces else "playing")
        if replaces:
            await self._stop()
        try:
            await play(
                self._podman,
                self._manifests,
                self._templates,
                replace=replaces,
                limit_seconds=self._grace_seconds + 2 * MARGIN_SECONDS,
            )
        except PlayError:
            await self._podman.kube_down(self._manifests)
            raise
        PLAYED.mkdir(parents=True, exist_ok=True)
        for template in self._templates:
            (PLAYED / template.name).write_text(await self._mark(template))

    async def _stop(self) -> None:
        """Stop the containers, what others depend on last.

        Before podman 5.5 a pod that is stopped loses its network at once: whatever drains in it would answer nobody.
        """
        for template in reversed(self._templates):
            names = [container.podman_name for container in template.containers]
            await self._podman.stop(names, template.grace_period_seconds)

    async def _is_played(self) -> bool:
        for template in self._templates:
            mark = PLAYED / template.name
            if not await self._podman.has_pod(template.name) or not mark.is_file():
                return False
            if mark.read_text() != await self._mark(template):
                return False
        return True

    async def _mark(self, template: PodTemplate) -> str:
        """Return what a pod was made of, and podman's own ids, so that no mark outlives its pod."""
        made_of = [self._manifests, *[await images.identity(container.image) for container in template.containers]]
        states = [await self._podman.inspect(container.podman_name) for container in template.containers]
        running = [f"{state.instance} {state.running}" for state in states]
        return "\n".join([hashlib.sha256("\0".join(made_of).encode()).hexdigest(), *running])

    async def _status(self, template: PodTemplate, container: Container) -> ContainerStatus:
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
