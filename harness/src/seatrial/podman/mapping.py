"""Services whose port is not their container's: on podman a Service is a name of the pod, which maps for itself."""

import os
import shutil
from collections.abc import Mapping

from seatrial.command import Command
from seatrial.errors import CommandError, ToolMissingError
from seatrial.host.processes import Processes

SYSTEM_PATH = "/usr/sbin:/sbin"


def nft() -> str:
    """Return where the command is that maps; ToolMissingError without it."""
    found = shutil.which("nft", path=f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_PATH}")
    if found is None:
        raise ToolMissingError("`nft` is not installed: a Service whose port is not its container's needs it")
    return found


def rules(ports: Mapping[int, int]) -> str:
    """Return what the kernel has to do with what comes to these ports, in place of what it did."""
    lines = [f"  tcp dport {port} redirect to :{target}" for port, target in sorted(ports.items())]
    chain = ["chain mapped {", "  type nat hook prerouting priority dstnat", *lines, "}"]
    return "\n".join(["table ip seatrial", "delete table ip seatrial", "table ip seatrial {", *chain, "}", ""])


async def map_ports(container: str, pid: int, ports: Mapping[int, int]) -> None:
    """Redirect what comes to a container's pod, for as long as its network lasts; HarnessError where it cannot be."""
    Processes.of(container, pid)  # none of another machine's
    # Another user's namespaces are entered from podman's.
    unshare = () if os.geteuid() == 0 else ("podman", "unshare")
    command = Command((*unshare, "nsenter", f"--target={pid}", "--net", nft(), "-f", "-"), stdin=rules(ports).encode())
    (await command.run()).check(CommandError)
