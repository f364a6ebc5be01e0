"""What containers of a normal user need of root: setuid programs, ranges of ids, namespaces that are allowed."""

import os
import pwd
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

IDS = 65536
FIRST_ID = 100000


@dataclass(frozen=True)
class Namespaces:
    """What decides about the namespaces of one normal user."""

    user: str
    mapping: bool
    """Whether newuidmap and newgidmap, by which a user gets more than one id, are there."""
    ranges: bool
    """Whether the user has ids to give, and likewise group ids."""
    next_id: int
    """The first id that no range has."""
    forbidden_by: str | None = None
    """The kernel's setting that forbids users to make namespaces, if any: `user.max_user_namespaces` or the like."""


def examine() -> Namespaces:
    """Read it from this machine."""
    user = pwd.getpwuid(os.getuid()).pw_name if _known() else str(os.getuid())
    uids, gids = (_lines(Path(path)) for path in ("/etc/subuid", "/etc/subgid"))
    names = {user, str(os.getuid())}
    elsewhere = any(line.startswith("subid:") and "files" not in line for line in _lines(Path("/etc/nsswitch.conf")))
    return Namespaces(
        user,
        mapping=all(shutil.which(program) for program in ("newuidmap", "newgidmap")),
        ranges=elsewhere or all(any(line.split(":")[0] in names for line in lines) for lines in (uids, gids)),
        next_id=next_id([*uids, *gids]),
        forbidden_by=_forbidden_by(),
    )


def next_id(lines: Iterable[str]) -> int:
    """Return the first id behind every range of /etc/subuid or /etc/subgid (`name:first:count`)."""
    ends = [FIRST_ID]
    for line in lines:
        _, _, numbers = line.partition(":")
        first, _, count = numbers.partition(":")
        if first.isdecimal() and count.strip().isdecimal():
            ends.append(int(first) + int(count))
    return max(ends)


def asks(namespaces: Namespaces, package_manager: str | None) -> list[str]:
    """Return the commands that root has to run once, none if containers can be had without; two at the most."""
    commands = []
    if not namespaces.mapping:
        commands.append(
            "sudo dnf install shadow-utils"
            if package_manager == "dnf"
            else "sudo apt-get update && sudo apt-get install --no-install-recommends uidmap"
        )
    if not namespaces.ranges:
        ids = f"{namespaces.next_id}-{namespaces.next_id + IDS - 1}"
        commands.append(f"sudo usermod --add-subuids {ids} --add-subgids {ids} {namespaces.user}")
    return commands


def allow(namespaces: Namespaces, podman: Path) -> str | None:
    """Return the command by which root allows this user's podman its namespaces; None when nothing forbids them."""
    setting = namespaces.forbidden_by
    if setting is None:
        return None
    if setting == "kernel.apparmor_restrict_unprivileged_userns":
        # The system's own podman has such a profile. One for the checkout's alone leaves the rest as strict as it is.
        profile = f'abi <abi/4.0>,\nprofile seatrial "{podman}/usr/**" flags=(unconfined) {{\n  userns,\n}}\n'
        lines = profile.replace("\n", "\\n")
        path = "/etc/apparmor.d/seatrial"
        return f"printf '{lines}' | sudo tee {path} >/dev/null && sudo apparmor_parser --replace {path}"
    return f"sudo sysctl --write {setting}={1 if setting.endswith('clone') else IDS}"


def _forbidden_by() -> str | None:
    for setting, forbids in (
        ("user.max_user_namespaces", "0"),
        ("kernel.unprivileged_userns_clone", "0"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1"),
    ):
        if "".join(_lines(Path("/proc/sys") / setting.replace(".", "/"))) == forbids:
            return setting
    return None


def _known() -> bool:
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return False
    return True


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
