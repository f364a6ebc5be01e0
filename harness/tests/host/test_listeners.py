"""Who has a port."""

import os
import socket

from seatrial.host.listeners import is_taken, listener
from seatrial.host.ports import HOST, free_port


def test_a_port_that_is_listened_on_is_taken_by_its_process() -> None:
    """By name and number."""
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        assert is_taken(HOST, port)
        assert f"(process {os.getpid()})" in (listener(port) or "")


def test_a_free_port_is_nobodys() -> None:
    """Also when it had a listener a moment ago."""
    port = free_port()
    assert not is_taken(HOST, port)
    assert listener(port) is None
    with socket.create_server((HOST, port)):
        pass
    assert not is_taken(HOST, port)
