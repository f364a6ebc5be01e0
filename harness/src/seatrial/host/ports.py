"""Ports of this host that are free to publish on."""

import random
import socket

HOST = "127.0.0.1"

# Below the range from which the kernel takes ports for outgoing connections, or traffic could take one in between.
FIRST, LAST = 20000, 32767


def free_port() -> int:
    """Return a port that nothing listened on a moment ago."""
    while True:
        port = random.randint(FIRST, LAST)  # noqa: S311 - spreading parallel runs, not a secret
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
