"""What a normal user's containers need of root, in commands."""

from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap.rootless import Namespaces, allow, asks, next_id

READY = Namespaces("ada", mapping=True, ranges=True, next_id=100000)


def test_nothing_is_asked_of_root_where_it_is_all_there() -> None:
    """Debian's and Fedora's tools for adding a user give ranges."""
    assert asks(READY, "apt-get") == []


def test_root_is_asked_for_programs_and_ranges_in_two_lines() -> None:
    """Each is a command that can be pasted, and the ranges are nobody else's."""
    bare = replace(READY, mapping=False, ranges=False, next_id=165536)
    assert asks(bare, "apt-get") == [
        "sudo apt-get update && sudo apt-get install --no-install-recommends uidmap",
        "sudo usermod --add-subuids 165536-231071 --add-subgids 165536-231071 ada",
    ]
    assert asks(replace(bare, ranges=True), "dnf") == ["sudo dnf install shadow-utils"]


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        ([], 100000),
        (["ada:100000:65536", "bob:165536:65536"], 231072),
        (["# none", "", "eve:x:y", "joe:500:10"], 100000),
    ],
)
def test_new_ranges_are_behind_all_others(lines: list[str], first: int) -> None:
    """Lines that say nothing are passed over."""
    assert next_id(lines) == first


@pytest.mark.parametrize(
    ("setting", "command"),
    [
        ("user.max_user_namespaces", "sudo sysctl --write user.max_user_namespaces=65536"),
        ("kernel.unprivileged_userns_clone", "sudo sysctl --write kernel.unprivileged_userns_clone=1"),
    ],
)
def test_what_forbids_users_their_namespaces_is_undone_by_one_command(setting: str, command: str) -> None:
    """The kernel's settings."""
    assert allow(replace(READY, forbidden_by=setting), Path("/c/.tools/podman")) == command


def test_apparmor_is_told_of_the_checkouts_podman_alone() -> None:
    """Ubuntu forbids namespaces to all but programs with a profile: one line gives these one."""
    forbidden = replace(READY, forbidden_by="kernel.apparmor_restrict_unprivileged_userns")
    command = allow(forbidden, Path("/home/ada/sea trial/.tools/podman"))
    assert command is not None
    assert "\n" not in command
    assert '"/home/ada/sea trial/.tools/podman/usr/**" flags=(unconfined)' in command
    assert command.endswith("sudo apparmor_parser --replace /etc/apparmor.d/seatrial")


def test_nothing_is_told_where_nothing_forbids_namespaces() -> None:
    """Then podman's own words are what there is."""
    assert allow(READY, Path("/c/.tools/podman")) is None
