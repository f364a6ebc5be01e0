"""From overlays to units: each pod has its unit, with what it needs and nothing else."""

import asyncio
import configparser
import ipaddress
from pathlib import Path

import pytest

from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object, parse, render
from seatrial.manifests.pods import pod_spec, pods
from seatrial.server import layout
from tests.overlays import CHECKOUT, OVERLAYS, overlays

FOR_SERVERS = [name for name in overlays() if name.startswith("podman")]
COLOURS, QUADLET = OVERLAYS / "podman-blue-green", CHECKOUT / "quadlet"
KILL_MARGIN_SECONDS = 10.0


@pytest.fixture(params=FOR_SERVERS)
def units(request: pytest.FixtureRequest) -> dict[str, list[Object]]:
    """Return the units of one overlay after the other."""
    return layout.parts(asyncio.run(render(OVERLAYS / request.param)), OVERLAYS / request.param)


def unit_file(unit: str) -> configparser.ConfigParser:
    """Return a unit file's sections."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.read(QUADLET / f"{unit}.kube")
    return parsed


def test_unit_has_its_pod_and_what_that_refers_to(units: dict[str, list[Object]]) -> None:
    """One workload each; of the objects beside it, each is named in it."""
    for unit, objects in units.items():
        (workload,) = (found for found in objects if found["kind"] == "Deployment")
        assert layout.unit_of(workload["metadata"]["name"]) == unit
        for other in (found for found in objects if found is not workload):
            assert other["metadata"]["name"] in str(workload)


def test_unit_waits_for_the_whole_grace_period(units: dict[str, list[Object]]) -> None:
    """TimeoutStopSec is the grace period and 10 s: a stop that systemd cuts short would cut requests short."""
    for unit, objects in units.items():
        stops = float(unit_file(unit)["Service"]["TimeoutStopSec"])
        assert stops == layout.grace_seconds(objects) + KILL_MARGIN_SECONDS, unit


def test_unit_stops_its_container_before_podman_takes_the_network_away(units: dict[str, list[Object]]) -> None:
    """ExecStop names the container as podman does."""
    for unit, objects in units.items():
        (template,) = pods(objects)
        (container,) = template.containers
        assert unit_file(unit)["Service"]["ExecStop"] == f"-podman stop {container.podman_name}"


def test_proxy_knows_the_colours_by_the_addresses_that_their_units_have() -> None:
    """And those are in the network of the units, outside what podman gives out itself, and each colour's own."""
    objects = layout.parts(asyncio.run(render(COLOURS)), COLOURS)[layout.PROXY]
    (workload,) = (found for found in objects if found["kind"] == "Deployment")
    aliases = {alias["hostnames"][0]: alias["ip"] for alias in pod_spec(workload)["hostAliases"]}
    assert set(aliases) == set(layout.COLOURS)
    assert len(set(aliases.values())) == len(layout.COLOURS)
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.read(QUADLET / layout.NETWORK)
    for address in map(ipaddress.ip_address, aliases.values()):
        assert address in ipaddress.ip_network(parsed["Network"]["Subnet"])
        assert address not in ipaddress.ip_network(parsed["Network"]["IPRange"])


def test_colour_is_installed_by_the_id_of_its_image() -> None:
    """A tag that moves changes nothing; the name it was given by is there to be read, of init containers, too."""
    objects = layout.parts(asyncio.run(render(COLOURS)), COLOURS)["seatrial-green"]
    changed = parse(layout.of_image(objects, "localhost/seatrial:next", "0123abc"), "a colour")
    (workload,) = (found for found in changed if found["kind"] == "Deployment")
    spec = pod_spec(workload)
    assert {each["image"] for each in (*spec["initContainers"], *spec["containers"])} == {"0123abc"}
    assert layout.annotation(changed, layout.IMAGE) == "localhost/seatrial:next"
    assert layout.annotation(changed, layout.OVERLAY) == str(COLOURS)


def test_pod_without_a_unit_file_is_refused() -> None:
    """The message names the pod and the file that is missing."""
    pod = {"kind": "Pod", "metadata": {"name": "stranger"}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
    with pytest.raises(ManifestError, match=r"Pod stranger: there is no seatrial-stranger\.kube in .*quadlet"):
        layout.parts([pod], COLOURS)


def test_overlay_without_unit_files_above_it_is_refused(tmp_path: Path) -> None:
    """The message names the directory that is looked for."""
    with pytest.raises(ManifestError, match="has the unit files, in quadlet/"):
        layout.units_beside(tmp_path)
