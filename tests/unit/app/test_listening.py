"""What is bound for APP_HOST, with IPv6 and without, and how addresses are written."""

from pathlib import Path

import pytest

from app.serving import listening
from app.serving.gunicorn import Gunicorn
from app.serving.listening import binds, with_mapped, written
from tests.settings import settings_of


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Stand in for a kernel that has IPv6, whose sockets take IPv4, too; return the file that says otherwise."""
    monkeypatch.setattr(listening, "has_ipv6", lambda: True)
    only_ipv6 = tmp_path / "bindv6only"
    only_ipv6.write_text("0\n")
    monkeypatch.setattr(listening, "_ONLY_IPV6", only_ipv6)
    return only_ipv6


@pytest.mark.parametrize(
    ("host", "bound"),
    [
        ("::", "[::]:8000"),
        ("[::]", "[::]:8000"),
        ("0:0::0:1", "[::1]:8000"),
        ("0.0.0.0", "0.0.0.0:8000"),
        ("127.0.0.1", "127.0.0.1:8000"),
        ("localhost", "localhost:8000"),
    ],
)
def test_host_is_bound_however_it_is_written(host: str, bound: str) -> None:
    """Gunicorn wants brackets around an address of IPv6, people write it with and without."""
    settings = settings_of(host=host)
    assert Gunicorn(settings).cfg.bind == [bound]


def test_every_address_is_that_of_both_versions() -> None:
    """By default, and by one socket."""
    assert Gunicorn(settings_of()).cfg.bind == ["[::]:8000"]


def test_every_address_is_bound_twice_where_a_socket_is_of_one_version(machine: Path) -> None:
    """Where net.ipv6.bindv6only is 1; an address of IPv6 that is given is bound alone."""
    machine.write_text("1\n")
    assert binds("::", 80) == ["[::]:80", "0.0.0.0:80"]
    assert binds("::1", 80) == ["[::1]:80"]


def test_every_address_is_that_of_ipv4_where_there_is_no_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel may be built, or started, without IPv6."""
    monkeypatch.setattr(listening, "has_ipv6", lambda: False)
    assert binds("::", 80) == ["0.0.0.0:80"]


def test_ipv4_address_of_an_ipv6_socket_is_written_as_one() -> None:
    """And no other."""
    assert written("::ffff:10.1.2.3") == written("10.1.2.3") == "10.1.2.3"
    assert written("2001:db8::1") == "2001:db8::1"


def test_ipv4_network_is_found_in_ipv6_too() -> None:
    """What a proxy passes on may be in either form."""
    assert with_mapped(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]) == [
        *("10.0.0.0/8", "::ffff:10.0.0.0/104"),
        *("192.0.2.1/32", "::ffff:192.0.2.1/128"),
        "2001:db8::/32",
    ]
