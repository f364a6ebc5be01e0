"""What podman is told on which machine."""

import tomllib
from dataclasses import replace

import pytest

from bootstrap.containers_conf import render
from bootstrap.host import Host
from tests.unit.bootstrap.hosts import DEBIAN_12_ROOT, LAPTOP


def test_containers_conf_says_nothing_when_podmans_defaults_work() -> None:
    """A laptop's file is valid and empty."""
    assert tomllib.loads(render(LAPTOP)) == {}


def test_containers_conf_has_what_a_bare_machine_needs() -> None:
    """Root without systemd, unified cgroups and CAP_SYS_RESOURCE needs all of it."""
    assert tomllib.loads(render(DEBIAN_12_ROOT)) == {
        "containers": {"default_ulimits": ["nofile=20000:20000", "nproc=96365:96365"]},
        "engine": {"runtime": "runc", "cgroup_manager": "cgroupfs", "events_logger": "file"},
    }


@pytest.mark.parametrize(
    "host",
    [
        replace(DEBIAN_12_ROOT, may_raise_limits=True),
        replace(DEBIAN_12_ROOT, root=False),
        replace(DEBIAN_12_ROOT, nofile=-1, nproc=1048576),
    ],
    ids=["may raise them", "normal user", "high enough"],
)
def test_containers_conf_leaves_limits_alone_when_podman_can_set_them(host: Host) -> None:
    """Limits are named only where podman's own would be refused."""
    assert "containers" not in tomllib.loads(render(host))
