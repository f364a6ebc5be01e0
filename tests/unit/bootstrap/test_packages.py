"""What a machine lacks, and by which way it gets that."""

from dataclasses import replace

import pytest

from bootstrap.changes import Changes, Package
from bootstrap.errors import BootstrapError
from bootstrap.host import Host
from bootstrap.loans import LOANS
from bootstrap.packages import EXTRAS, PACKAGES, Way, borrows_podman, missing, way
from tests.unit.bootstrap.hosts import DEBIAN_12_ROOT, DEBIAN_13_USER, FEDORA_USER, LAPTOP, UBUNTU_2404_USER

DEBIAN_13_ROOT = replace(DEBIAN_13_USER, root=True)
ADDS_PODMAN = Changes((Package("podman", "5.4.2+ds1-2+b2", 24_686_200), Package("conmon", "2.1.12-4")))
ADDS_OLD_PODMAN = Changes((Package("podman", "4.3.1+ds1-8"),))
UPGRADES_LIBC = replace(ADDS_PODMAN, others=("replace libc6 (2.36-9 by 2.41-12)", "remove libssl3 (3.0.17-1)"))


def test_missing_is_empty_when_the_machine_has_it_all() -> None:
    """A machine with a new enough podman and kubectl lacks nothing."""
    assert missing(LAPTOP) == {}


@pytest.mark.parametrize(
    ("host", "needs"),
    [
        (DEBIAN_12_ROOT, {"podman", "runc", "kustomize"}),
        (DEBIAN_13_USER, {"podman", "kustomize"}),
        (UBUNTU_2404_USER, {"podman", "kustomize"}),
        (FEDORA_USER, {"podman", "kustomize"}),
        (replace(LAPTOP, unified_cgroups=False), {"runc"}),
        (replace(DEBIAN_12_ROOT, loans=frozenset({"podman", "kustomize"})), set()),
    ],
    ids=lambda value: value.name if isinstance(value, Host) else "",
)
def test_missing_names_what_each_machine_lacks(host: Host, needs: set[str]) -> None:
    """What has to be brought follows from the machine, and from what the checkout has already."""
    assert set(missing(host)) == needs


@pytest.mark.parametrize(
    ("version", "lacks"), [((5, 0, 3), True), ((5, 1), False), ((5, 1, 0), False), ((10, 0), False)]
)
def test_missing_has_podman_only_when_it_is_below_the_floor(version: tuple[int, ...], *, lacks: bool) -> None:
    """5.1 is the first podman that is taken, and versions are compared as numbers."""
    assert ("podman" in missing(replace(LAPTOP, podman=version))) is lacks


def test_missing_says_why_a_podman_below_the_floor_will_not_do() -> None:
    """The message has the version found, the floor and the reason."""
    why = missing(UBUNTU_2404_USER)["podman"]
    assert "4.9.3" in why
    assert ">= 5.1" in why
    assert "SIGKILL" in why


@pytest.mark.parametrize(
    ("host", "borrows"),
    [
        (replace(UBUNTU_2404_USER, loans=frozenset({"podman"})), True),
        (replace(LAPTOP, unified_cgroups=False, loans=frozenset({"podman"})), True),
        (replace(LAPTOP, loans=frozenset({"podman"})), False),
        (UBUNTU_2404_USER, False),
    ],
    ids=["too old", "no runc", "the system's has come to fit", "not there"],
)
def test_the_checkouts_podman_is_used_only_where_the_systems_will_not_do(host: Host, *, borrows: bool) -> None:
    """Whoever upgrades the system uses its podman from then on, which it keeps up to date."""
    assert borrows_podman(host) is borrows


def test_root_gets_podman_of_the_system_when_that_only_adds_packages() -> None:
    """Debian 13's own is new enough, and the system keeps it up to date."""
    assert way(DEBIAN_13_ROOT, "podman", ADDS_PODMAN, lendable=True) is Way.SYSTEM


@pytest.mark.parametrize(
    ("host", "changes"),
    [
        (DEBIAN_13_USER, ADDS_PODMAN),
        (DEBIAN_13_ROOT, UPGRADES_LIBC),
        (DEBIAN_12_ROOT, ADDS_OLD_PODMAN),
        (replace(DEBIAN_12_ROOT, podman=(4, 3, 1)), Changes(())),
        (DEBIAN_12_ROOT, None),
    ],
    ids=["no root", "upgrades", "too old", "too old and installed", "no such package"],
)
def test_podman_comes_into_the_checkout_when_the_system_could_not_just_add_one_that_fits(
    host: Host, changes: Changes | None
) -> None:
    """Nothing that the system has is upgraded, downgraded or removed."""
    assert way(host, "podman", changes, lendable=True) is Way.LOAN


def test_an_installation_that_would_change_the_system_is_refused_with_the_list() -> None:
    """Where there is no other way, what would happen is said, and not done."""
    with pytest.raises(
        BootstrapError, match=r"chromium is not installed.*replace libc6 \(2\.36-9 by 2\.41-12\); remove"
    ):
        way(DEBIAN_13_ROOT, "chromium", UPGRADES_LIBC, lendable=False)


def test_what_only_root_can_install_is_told_with_the_command_the_packages_and_their_sizes() -> None:
    """A normal user of Fedora gets one line to run."""
    with pytest.raises(BootstrapError) as refused:
        way(FEDORA_USER, "podman", ADDS_PODMAN, lendable=False)
    assert "  sudo dnf install --assumeyes podman\n" in str(refused.value)
    assert "podman 5.4.2+ds1-2+b2 24.7 MB, conmon 2.1.12-4" in str(refused.value)


def test_a_system_that_has_only_an_old_podman_and_no_apt_is_refused() -> None:
    """Debian's packages cannot be had there."""
    with pytest.raises(BootstrapError, match=r"podman >= 5\.1 is needed, but Fedora Linux 43 has an older one or none"):
        way(replace(FEDORA_USER, root=True), "podman", ADDS_OLD_PODMAN, lendable=False)


@pytest.mark.parametrize(
    ("host", "need"), [(replace(FEDORA_USER, package_manager=None), "podman"), (FEDORA_USER, "mmdebstrap")]
)
def test_what_no_package_manager_can_bring_is_refused_by_name(host: Host, need: str) -> None:
    """Where to read on is said, too."""
    with pytest.raises(BootstrapError, match=rf"Fedora Linux 43: .*{need}.* by hand"):
        way(host, need, None, lendable=False)


def test_a_need_without_a_package_is_refused_by_the_packages_name() -> None:
    """A package manager that does not know it is not asked to install it."""
    with pytest.raises(BootstrapError, match=r"no package of chromium \(chromium\)"):
        way(DEBIAN_13_ROOT, "chromium", None, lendable=False)


def test_every_extra_can_be_had_on_debian_and_none_is_needed_by_every_machine() -> None:
    """What may be asked for by name has a package or a recipe; a bare machine is not made to bring it."""
    for extra in EXTRAS:
        assert extra in PACKAGES["apt-get"] or extra in LOANS
        assert extra not in missing(DEBIAN_12_ROOT)
