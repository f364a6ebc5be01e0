"""What podman is told on which machine."""

import tomllib
from dataclasses import replace
from pathlib import Path

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


def test_containers_conf_of_the_checkouts_podman_names_each_program_that_it_runs() -> None:
    """None of the system's is taken for one of them; runc takes every kind of cgroups."""
    tree = Path("/home/ada/.tools/podman")
    conf = tomllib.loads(render(LAPTOP, tree))
    assert conf["engine"] == {
        "conmon_path": [f"{tree}/usr/bin/conmon"],
        "helper_binaries_dir": [f"{tree}/usr/lib/podman", f"{tree}/usr/libexec/podman", f"{tree}/usr/bin"],
        "init_path": f"{tree}/usr/bin/catatonit",
        "runtime": "runc",
        "runtimes": {"runc": [f"{tree}/usr/sbin/runc"]},
    }


def test_containers_conf_has_no_space_in_what_podman_copies_into_an_image() -> None:
    """The pause image is built of a Containerfile that podman writes, where a space would end the path."""
    engine = tomllib.loads(render(LAPTOP, Path("/home/ada/sea trïal/.tools/podman")))["engine"]
    assert engine["init_path"] == "/home/ada/sea[^!-~]trïal/.tools/podman/usr/bin/catatonit"
    assert engine["conmon_path"] == ["/home/ada/sea trïal/.tools/podman/usr/bin/conmon"]
