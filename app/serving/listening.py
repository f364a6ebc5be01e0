"""Where the service listens, and how it writes addresses: by one socket for IPv4 and IPv6, where there is IPv6."""

import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path

EVERY_ADDRESS = "::"
EVERY_IPV4_ADDRESS = "0.0.0.0"  # noqa: S104 - a container serves its pod's address
MAPPED = "::ffff:"  # what an IPv4 client's address begins with on an IPv6 socket (RFC 4291, 2.5.5.2)
_MAPPED_BITS = 96
_ONLY_IPV6 = Path("/proc/sys/net/ipv6/bindv6only")


def binds(host: str, port: int) -> list[str]:
    """Return what gunicorn is to bind for `host`, an address without brackets or a name.

    Every address means those of IPv4 as well, whatever the kernel's default for sockets is; and them alone where the
    kernel has no IPv6.
    """
    if host == EVERY_ADDRESS:
        if not has_ipv6():
            return [f"{EVERY_IPV4_ADDRESS}:{port}"]
        if _ONLY_IPV6.is_file() and _ONLY_IPV6.read_text().strip() == "1":
            return [f"[{host}]:{port}", f"{EVERY_IPV4_ADDRESS}:{port}"]
    return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]


def has_ipv6() -> bool:
    """Return whether the kernel lets a socket have an IPv6 address."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind((EVERY_ADDRESS, 0))
    except OSError:
        return False
    return True


def written(host: str) -> str:
    """Return a socket's address as people write it: an IPv4 address is one on an IPv6 socket, too."""
    return host.removeprefix(MAPPED) if "." in host else host


def with_mapped(networks: Iterable[str]) -> list[str]:
    """Return `networks` and, for each of IPv4, what it is in IPv6: a proxy may pass on an address in that form."""
    both = []
    for network in map(ipaddress.ip_network, networks):
        both.append(str(network))
        if network.version == 4:  # noqa: PLR2004 - IPv4
            both.append(f"{MAPPED}{network.network_address}/{_MAPPED_BITS + network.prefixlen}")
    return both
