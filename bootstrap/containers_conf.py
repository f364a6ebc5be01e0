"""The checkout's containers.conf(5): what podman must be told on this machine, and nothing on most."""

import json
import re
from pathlib import Path

from bootstrap.host import Host

PATH = Path(".tools/containers.conf")
VARIABLE = "CONTAINERS_CONF_OVERRIDE"
# What podman, run by root, sets as a container's hard limits unless it is told otherwise (RLimitDefaultValue).
PODMAN_LIMIT = 1048576


def render(host: Host, podman: Path | None = None) -> str:
    """Return the file's content for a machine; only comments when podman's defaults work there.

    `podman` is the tree of the checkout's own podman, where that is the one in use.
    """
    containers, engine = _containers(host), _engine(host, podman)
    runtimes = [f"runc = [{_quote(podman / 'usr/sbin/runc')}]"] if podman else []
    lines = ["# Written by the bootstrap: what podman has to be told on this machine."]
    if containers:
        lines += ["[containers]", *containers]
    if engine:
        lines += ["[engine]", *engine]
    if runtimes:
        lines += ["[engine.runtimes]", *runtimes]
    if not containers and not engine:
        lines.append("# Nothing: its defaults work here.")
    return "\n".join(lines) + "\n"


def _containers(host: Host) -> list[str]:
    # podman takes a normal user's limits as they are; only root's it tries to raise.
    if not host.root or host.may_raise_limits:
        return []
    hard = {"nofile": host.nofile, "nproc": host.nproc}
    low = [f'"{name}={limit}:{limit}"' for name, limit in hard.items() if 0 <= limit < PODMAN_LIMIT]
    if not low:
        return []
    return [
        "# podman's defaults exceed the hard limits, and without CAP_SYS_RESOURCE nothing may raise those.",
        f"default_ulimits = [{', '.join(low)}]",
    ]


def _engine(host: Host, podman: Path | None) -> list[str]:
    lines: list[str] = []
    if podman:
        helpers = [podman / folder for folder in ("usr/lib/podman", "usr/libexec/podman", "usr/bin")]
        lines += [
            "# The programs that this podman runs are in the checkout, as it is; of runtimes, there is runc.",
            f"conmon_path = [{_quote(podman / 'usr/bin/conmon')}]",
            f"helper_binaries_dir = [{', '.join(_quote(path) for path in helpers)}]",
            f"init_path = {_quote(_as_pattern(podman / 'usr/bin/catatonit'))}",
            'runtime = "runc"',
        ]
    elif not host.unified_cgroups:
        lines += ["# crun refuses cgroups that are not purely v2.", 'runtime = "runc"']
    if not host.systemd:
        lines += [
            "# systemd is not this machine's init: no slices to put containers in, no journal to write events to.",
            'cgroup_manager = "cgroupfs"',
            'events_logger = "file"',
        ]
    return lines


def _as_pattern(path: Path) -> str:
    # podman writes it into a Containerfile, as a COPY's source: a space would end it there, and a pattern is allowed.
    return re.sub(r"\s", "[^!-~]", str(path))


def _quote(path: Path | str) -> str:
    # A basic string of TOML, which is JSON's but for characters that no path of a checkout has.
    return json.dumps(str(path), ensure_ascii=False)
