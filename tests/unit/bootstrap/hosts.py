"""Machines as the bootstrap sees them, described by hand."""

from dataclasses import replace

from bootstrap.host import Host

DEBIAN_12_ROOT = Host(
    distribution="debian",
    release="12",
    name="Debian GNU/Linux 12 (bookworm)",
    root=True,
    package_manager="apt-get",
    uv=None,
    pip=True,
    podman=None,
    renderer=None,
    runc=False,
    unified_cgroups=False,
    systemd=False,
    may_raise_limits=False,
    nofile=20000,
    nproc=96365,
)
DEBIAN_13_USER = replace(
    DEBIAN_12_ROOT,
    release="13",
    name="Debian GNU/Linux 13 (trixie)",
    root=False,
    pip=False,
    unified_cgroups=True,
    systemd=True,
    nofile=524288,
)
UBUNTU_2404_USER = replace(
    DEBIAN_13_USER,
    distribution="ubuntu",
    release="24.04",
    name="Ubuntu 24.04.3 LTS",
    podman=(4, 9, 3),
    uv=(0, 13, 9),
)
FEDORA_USER = replace(
    DEBIAN_13_USER, distribution="fedora", release="43", name="Fedora Linux 43", package_manager="dnf", uv=(0, 14, 0)
)
LAPTOP = replace(FEDORA_USER, podman=(5, 7, 0), renderer="kubectl")
