"""nginx's configuration, as the contracts read it."""

import pytest

from tests.manifests.nginx import Directive, directives, seconds, size

FILES = {
    "nginx.conf": """
        # keepalive_timeout 1s;
        events { worker_connections 10; }
        http {
            map $a $b { default "a;b"; "~^x{1,2}$" 'y'; }
            upstream blue { server blue:8000 max_fails=0; keepalive_timeout 60s; }
            server { include listen.conf; location / { proxy_pass http://blue; } }
        }
    """,
    "listen.conf": "listen 8080 ssl;",
}


def test_directives_have_their_blocks_and_included_ones_stand_in_their_place() -> None:
    """Comments are no directives, and what is quoted is one word."""
    assert list(directives(FILES)) == [
        Directive(("events",), "worker_connections", ("10",)),
        Directive(("http", "map $a $b"), "default", ("a;b",)),
        Directive(("http", "map $a $b"), "~^x{1,2}$", ("y",)),
        Directive(("http", "upstream blue"), "server", ("blue:8000", "max_fails=0")),
        Directive(("http", "upstream blue"), "keepalive_timeout", ("60s",)),
        Directive(("http", "server"), "listen", ("8080", "ssl")),
        Directive(("http", "server", "location /"), "proxy_pass", ("http://blue",)),
    ]


def test_times_and_sizes_are_numbers() -> None:
    """In nginx's own units; anything else is an error that names what was given."""
    assert [seconds(given) for given in ("60", "60s", "1m", "500ms")] == [60, 60, 60, 0.5]
    assert [size(given) for given in ("1024", "16k", "1M")] == [1024, 16384, 1048576]
    with pytest.raises(ValueError, match="'1 day' is neither"):
        seconds("1 day")
