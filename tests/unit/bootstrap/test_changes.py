"""What a simulated installation would change, read from what apt and dnf print."""

from bootstrap.changes import Package, listing, of_apt, of_dnf

ADDS = """\
Inst libsubid5 (1:4.17.4-2 Debian:13.2/stable [amd64])
Inst podman (5.4.2+ds1-2+b2 Debian:13.2/stable [amd64])
Conf libsubid5 (1:4.17.4-2 Debian:13.2/stable [amd64])
Conf podman (5.4.2+ds1-2+b2 Debian:13.2/stable [amd64])
"""
# A Debian 12 that is asked for Debian 13's podman, cut to a line of each kind.
UPGRADES = """\
Remv libssl3 [3.0.17-1~deb12u2] [libcurl4:amd64 ]
Inst libc6 [2.36-9+deb12u10] (2.41-12 Debian:13.2/stable [amd64]) []
Inst podman (5.4.2+ds1-2+b2 Debian:13.2/stable [amd64])
Purg packagekit [1.2.6-5]
"""
DNF4 = """\
Dependencies resolved.
================================================================================
 Package             Arch     Version                    Repository        Size
================================================================================
Installing:
 podman              x86_64   5:5.3.1-1.fc41             updates           16 M
Upgrading:
 containers-common   noarch   5:0.61.1-1.fc41            updates           35 k
Installing dependencies:
 netavark            x86_64   2:1.13.1-1.fc41            updates          3.4 M
Removing dependent packages:
 podman-docker       noarch   5:5.2.1-1.fc41             @fedora          4.7 k

Transaction Summary
================================================================================
Install  2 Packages
"""
DNF5 = """\
Package              Arch   Version           Repository      Size
Installing:
 podman              x86_64 5:5.7.1-1.fc43    updates     64.8 MiB
Installing dependencies:
 netavark            x86_64 2:1.17.0-1.fc43   updates     12.5 MiB
Upgrading:
 containers-common   noarch 5:0.65.0-1.fc43   updates    122.0 KiB
   replacing containers-common noarch 5:0.64.2-1.fc43 <unknown> 121.1 KiB

Transaction Summary:
 Installing:         2 packages
 Upgrading:          1 package
 Replacing:          1 package
"""


def test_what_apt_only_adds_is_listed_by_name_version_and_size() -> None:
    """New packages, and nothing else."""
    changes = of_apt(ADDS, {"podman": 24_686_200})
    assert changes.others == ()
    assert changes.added == (
        Package("libsubid5", "1:4.17.4-2"),
        Package("podman", "5.4.2+ds1-2+b2", 24_686_200),
    )
    assert changes.version_of("podman") == (5, 4, 2)
    assert changes.version_of("crun") is None
    assert changes.total() == "2 packages, 24.7 MB to fetch"
    assert listing(changes.added) == "  podman 5.4.2+ds1-2+b2 24.7 MB, libsubid5 1:4.17.4-2"


def test_what_apt_would_upgrade_or_remove_is_told_apart_from_what_it_adds() -> None:
    """Replacing libc6 is no addition, nor is a package that goes."""
    changes = of_apt(UPGRADES, {})
    assert [package.name for package in changes.added] == ["podman"]
    assert changes.others == (
        "remove libssl3 (3.0.17-1~deb12u2)",
        "replace libc6 (2.36-9+deb12u10 by 2.41-12)",
        "remove packagekit (1.2.6-5)",
    )


def test_what_dnf_adds_and_what_else_it_would_do_is_read_of_its_fourth_version() -> None:
    """Headings tell what a row of the table means."""
    changes = of_dnf(DNF4)
    assert changes.added == (
        Package("podman", "5:5.3.1-1.fc41", 16 * 1024**2),
        Package("netavark", "2:1.13.1-1.fc41", int(3.4 * 1024**2)),
    )
    assert changes.version_of("podman") == (5, 3, 1)
    assert changes.others == (
        "upgrading containers-common (5:0.61.1-1.fc41)",
        "removing dependent packages podman-docker (5:5.2.1-1.fc41)",
    )


def test_what_dnf_adds_and_what_else_it_would_do_is_read_of_its_fifth_version() -> None:
    """The same of another table."""
    changes = of_dnf(DNF5)
    assert [(package.name, package.size) for package in changes.added] == [
        ("podman", int(64.8 * 1024**2)),
        ("netavark", int(12.5 * 1024**2)),
    ]
    assert changes.version_of("podman") == (5, 7, 1)
    assert changes.others == ("upgrading containers-common (5:0.65.0-1.fc43)",)


def test_what_is_no_table_changes_nothing() -> None:
    """An error of dnf is no plan."""
    assert of_dnf("Error: Unable to find a match: podmann\n").added == ()
