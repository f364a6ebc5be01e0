"""What the bootstrap leaves of a machine: as it was, but for what was announced."""

import re

from tests.bootstrap.machine import USER, Machine

BOOTSTRAP = ("python3", "-m", "bootstrap")

# No registry is asked: the container's one file is a static program that comes with podman.
CONTAINER = """\
mkdir -p rootfs
cp --dereference .tools/podman/usr/bin/catatonit rootfs/
export CONTAINERS_CONF_OVERRIDE=.tools/containers.conf
.tools/bin/podman run --rm --rootfs "$PWD/rootfs" /catatonit --version
"""

# Twice, since the paths in a program may be written over once without harm.
MOVED = """\
cp -a /src /srv/moved && cd /srv/moved && python3 -m bootstrap && .tools/bin/podman info
mv /srv/moved "/srv/moved to a longer name" && cd "/srv/moved to a longer name"
python3 -m bootstrap && .tools/bin/podman info
"""


def assert_a_container_runs(machine: Machine, user: str = "root") -> None:
    """The podman in the checkout is the one in use, and runs a container with a network."""
    assert re.search(r"podman 5\S+ \(/src/.tools/bin/podman\)", machine.run(*BOOTSTRAP, user=user).stderr)
    # Root's containers are joined by a bridge, which belongs to a network that is not the host's.
    apart = ("unshare", "--net") if user == "root" else ()
    done = machine.run(*apart, "sh", "-ec", CONTAINER, user=user)
    assert "catatonit" in done.stdout, done.stderr


def test_root_gets_all_that_is_missing_and_nothing_of_the_machine_changes(machine: Machine) -> None:
    """Every package is as before, those that came had been announced, a check announced the same, and podman works."""
    before = machine.packages()
    checked = machine.run(*BOOTSTRAP, "--check")
    assert checked.returncode == 1
    assert machine.packages() == before
    done = machine.run(*BOOTSTRAP)
    assert done.returncode == 0, done.stderr
    after = machine.packages()
    assert {name: after.get(name) for name in before} == before
    for name in after.keys() - before.keys():
        for told in (checked.stderr, done.stderr):
            assert re.search(rf"\b{re.escape(name)}\b", told), f"{name} was added, and not announced:\n{told}"
    assert_a_container_runs(machine)
    moved = machine.run("sh", "-ec", MOVED)
    assert moved.returncode == 0, moved.stderr
    assert "to be unpacked" not in moved.stderr, "nothing is fetched again"


def test_a_user_asks_two_lines_of_root_at_most_and_then_gets_in(machine: Machine) -> None:
    """What only root can do is a command or two, to be pasted; everything else is in the checkout."""
    before = machine.packages()
    done = machine.run(*BOOTSTRAP, user=USER)
    asked = re.findall(r"^\s*(sudo .*)$", done.stderr, re.MULTILINE)
    assert len(asked) <= 2, done.stderr
    assert machine.packages() == before
    for line in asked:
        as_root = machine.run("sh", "-ec", line.replace("sudo ", ""), answer="yes\n")
        assert as_root.returncode == 0, as_root.stderr
    asked_for = machine.packages()
    if asked:
        done = machine.run(*BOOTSTRAP, user=USER)
    assert done.returncode == 0, done.stderr
    assert machine.packages() == asked_for
    assert_a_container_runs(machine, user=USER)
