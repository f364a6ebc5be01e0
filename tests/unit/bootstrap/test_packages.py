"""Which packages a machine needs, and how it gets them."""

from dataclasses import replace

import pytest

from bootstrap.apt import PIN_FILE, SOURCE_FILE, Source
from bootstrap.errors import BootstrapError
from bootstrap.host import Host
from bootstrap.packages import EXTRAS, PACKAGES, missing, plan
from tests.unit.bootstrap.hosts import DEBIAN_12_ROOT, DEBIAN_13_USER, FEDORA_USER, LAPTOP, UBUNTU_2404_USER

BOOKWORM = [Source("http://mirror.example/debian", ("bookworm", "bookworm-updates"))]


def test_missing_is_empty_when_the_machine_has_it_all() -> None:
    """A machine with uv, a new enough podman and kubectl lacks nothing."""
    assert missing(LAPTOP) == {}


@pytest.mark.parametrize(
    ("host", "needs"),
    [
        (DEBIAN_12_ROOT, {"podman", "runc", "kustomize"}),
        (DEBIAN_13_USER, {"podman", "kustomize", "pip"}),
        (UBUNTU_2404_USER, {"podman", "kustomize"}),
        (FEDORA_USER, {"podman", "kustomize"}),
        (replace(LAPTOP, unified_cgroups=False), {"runc"}),
    ],
    ids=lambda value: value.name if isinstance(value, Host) else "",
)
def test_missing_names_what_each_machine_lacks(host: Host, needs: set[str]) -> None:
    """What is asked of the package manager follows from the machine alone."""
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


def test_plan_borrows_podman_from_debian_13_when_the_machine_is_a_debian_12() -> None:
    """The newer release's source and pin are written first, and only podman's packages come from it."""
    host = replace(DEBIAN_12_ROOT, pip=False)
    todo = plan(host, missing(host), sources=BOOKWORM)
    assert set(todo.files) == {SOURCE_FILE, PIN_FILE}
    assert "URIs: http://mirror.example/debian\n" in todo.files[SOURCE_FILE]
    update, borrowed, own = todo.commands
    assert update == ("apt-get", "update")
    assert borrowed[-4:] == ("passt", "uidmap", "runc", "kustomize")
    assert borrowed[4:6] == ("--target-release", "trixie")
    assert own[-1] == "python3-pip"
    assert "--target-release" not in own


def test_plan_does_not_borrow_when_a_debian_12_lacks_only_what_it_has_itself() -> None:
    """Debian 12 has mmdebstrap itself, so no source is added for it."""
    todo = plan(DEBIAN_12_ROOT, {"mmdebstrap"}, sources=BOOKWORM)
    assert todo.files == {}
    assert todo.commands[-1][-1] == "mmdebstrap"


def test_plan_upgrades_a_podman_below_the_floor_when_the_machine_is_a_debian_12() -> None:
    """Debian 12's own podman gives way to Debian 13's."""
    host = replace(DEBIAN_12_ROOT, podman=(4, 3, 1))
    assert "podman" in plan(host, missing(host), sources=BOOKWORM).commands[1]


def test_plan_uses_the_machines_own_packages_on_debian_13() -> None:
    """Nothing is written; the shell form is what a user with sudo can paste."""
    todo = plan(DEBIAN_13_USER, missing(DEBIAN_13_USER), offers={"podman": (5, 4, 2), "kustomize": (5, 6, 0)})
    assert todo.files == {}
    update, install = todo.as_shell().splitlines()
    assert update == "sudo apt-get update"
    assert install.startswith("sudo apt-get install --yes --no-install-recommends podman netavark ")
    assert install.endswith(" kustomize python3-pip")


def test_plan_as_shell_writes_files_before_it_installs() -> None:
    """The pasted lines make the source known before apt is asked for what is in it."""
    shell = plan(DEBIAN_12_ROOT, missing(DEBIAN_12_ROOT), sources=BOOKWORM).as_shell()
    assert shell.index(f"sudo tee {SOURCE_FILE} <<'END'\n") < shell.index("sudo apt-get update")


def test_plan_refuses_when_the_distribution_has_only_an_old_podman() -> None:
    """Ubuntu 24.04 cannot bring a podman that works, and is told what could."""
    offers = {"podman": (4, 9, 3)}
    with pytest.raises(BootstrapError, match=r"Ubuntu 24\.04.* has only 4\.9\.3.*SIGKILL.*Ubuntu 25\.04"):
        plan(UBUNTU_2404_USER, missing(UBUNTU_2404_USER), offers=offers)


def test_plan_refuses_when_the_distribution_has_no_kustomize() -> None:
    """A machine whose package lists are known and have no kustomize is told to install one by hand."""
    with pytest.raises(BootstrapError, match="kustomize"):
        plan(DEBIAN_13_USER, {"kustomize"}, offers={"podman": (5, 4, 2)})


def test_plan_uses_dnf_on_fedora() -> None:
    """One command brings podman and kubectl."""
    todo = plan(FEDORA_USER, missing(FEDORA_USER))
    assert todo.as_shell() == "sudo dnf install --assumeyes podman /usr/bin/kubectl"


@pytest.mark.parametrize(
    ("host", "need"), [(replace(FEDORA_USER, package_manager=None), "podman"), (FEDORA_USER, "mmdebstrap")]
)
def test_plan_refuses_when_the_package_manager_cannot_bring_it(host: Host, need: str) -> None:
    """What no known package manager brings is named, with where to read on."""
    with pytest.raises(BootstrapError, match=rf"Fedora Linux 43: .*{need}.* by hand"):
        plan(host, [need])


def test_every_extra_can_be_had_from_debian_and_none_is_needed_by_every_machine() -> None:
    """What may be asked for by name has a package; a bare machine is not made to install it."""
    for extra in EXTRAS:
        assert PACKAGES["apt-get"][extra][0] in plan(DEBIAN_13_USER, {extra}).commands[-1]
        assert extra not in missing(DEBIAN_12_ROOT)


def test_an_extra_that_a_package_manager_does_not_have_is_refused() -> None:
    """Fedora has wrk, and no mmdebstrap."""
    assert plan(FEDORA_USER, {"wrk"}).commands == (("dnf", "install", "--assumeyes", "wrk"),)
    with pytest.raises(BootstrapError, match="how to install mmdebstrap here is not known"):
        plan(FEDORA_USER, {"mmdebstrap"})
