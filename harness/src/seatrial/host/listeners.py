"""Who has a TCP port of this host."""

import socket
from pathlib import Path

LISTENING = "0A"
"""The state of a socket in /proc/net/tcp; its address is the second word there, its inode the tenth."""


def is_taken(host: str, port: int) -> bool:
    """Tell whether nobody else can listen on a port; False, too, where that is forbidden rather than taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except PermissionError:
            return False
        except OSError:
            return True
        return False


def listener(port: int) -> str | None:
    """Return the process that listens on a port, such as `nginx (process 812)`; None when it may not be looked at."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(descriptor.readlink()) in sockets for descriptor in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:  # it has ended, or is another user's
            continue
    return None


def _inodes(port: int) -> set[str]:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:] if table.is_file() else ():
            words = line.split()
            if words[3] == LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                inodes.add(words[9])
    return inodes
