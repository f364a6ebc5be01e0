"""Installing an overlay as units, and removing it."""

import getpass
from pathlib import Path

from seatrial.kubelet.watching import until_ready
from seatrial.manifests.isolation import image_names, with_images
from seatrial.manifests.kustomize import Object, dump, render
from seatrial.manifests.pods import pods
from seatrial.podman import images
from seatrial.podman.client import Podman
from seatrial.server import layout
from seatrial.server.errors import ServerError
from seatrial.server.installation import Installation
from seatrial.server.layout import COLOURS
from seatrial.server.rollout import START_SECONDS, STOP_SECONDS, Rollout, Tell
from seatrial.server.systemd import Systemd, lingers


async def install(overlay: Path, systemd: Systemd, podman: Podman, tell: Tell) -> None:
    """Install an overlay, or bring what is installed to what it now says; the service itself only where it is new.

    Raises ServerError when something it needs is not there, before anything is changed.
    """
    await systemd.answers()
    systemd.makes_units()
    objects, quadlet = await render(overlay), layout.units_beside(overlay)
    await _refuse_missing_secrets(objects, podman)
    installation = Installation(systemd.units)
    for other in installation.overlays - {str(overlay)}:
        raise ServerError(f"{other} is installed: `seatrial server uninstall` first, its data stays")
    used = await images.substitutes(image_names(objects), tell=tell)
    units = layout.parts(with_images(objects, used), overlay)
    if systemd.user and not await lingers(getpass.getuser()):
        tell(
            f"{getpass.getuser()} does not linger, so the service ends with the last login and does not start at boot; "
            f"`sudo loginctl enable-linger {getpass.getuser()}` changes that"
        )
    installation.directory.mkdir(parents=True, exist_ok=True)
    with installation.alone():
        files_changed = installation.write_units(quadlet, tuple(units))
        ours = [unit for unit in units if unit not in COLOURS]
        changed = [unit for unit in ours if installation.write_yaml(unit, dump(units[unit])) or files_changed]
        await systemd.reload()
        for unit in ours:
            if unit in changed:
                await systemd.restart(f"{unit}.service", START_SECONDS)
            else:
                await systemd.start(f"{unit}.service", START_SECONDS)
            for template in pods(installation.objects(unit)):
                tell(f"waiting until {template.name} is ready")
                await until_ready(template, podman)
        if installation.has_colours:
            await _install_colour(Rollout(installation, systemd, podman, tell), installation, units, tell)


async def uninstall(systemd: Systemd, podman: Podman, tell: Tell) -> None:
    """Stop everything within its grace period and remove the units; volumes, Secrets and images stay."""
    installation = Installation(systemd.units)
    with installation.alone():
        for unit in sorted(installation.installed, key=lambda name: name not in (layout.PROXY, *COLOURS)):
            tell(f"{unit} ends")
            await systemd.stop(f"{unit}.service", 2 * STOP_SECONDS)
            await systemd.clear(f"{unit}.service")
        await systemd.stop(f"{layout.APPLICATION}-network.service", STOP_SECONDS)
        installation.remove()
    await podman.remove_networks([layout.APPLICATION])
    await systemd.reload()
    tell("removed; the data and the secrets are kept (`podman volume rm`, `podman secret rm` remove them)")


async def _install_colour(
    rollout: Rollout, installation: Installation, units: dict[str, list[Object]], tell: Tell
) -> None:
    if any(installation.objects(colour) for colour in COLOURS):
        live = await rollout.repair()
        tell(f"{live} is live and stays as it is: `seatrial rollout` brings its manifests to what they now are")
        return
    (workload,) = (found for found in units[COLOURS[0]] if found["kind"] == "Deployment")
    await rollout.first(layout.own_image(workload))


async def _refuse_missing_secrets(objects: list[Object], podman: Podman) -> None:
    for name, keys in layout.secrets_needed(objects).items():
        if not await podman.has_secret(name):
            raise ServerError(f"there is no secret {name}: `seatrial secret {name} {' '.join(sorted(keys))}` makes it")
