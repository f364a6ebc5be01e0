"""The exec probe, `python -m app.probe URL`, for podman: it runs httpGet probes by a curl that a slim image lacks.

It imports only what it needs, and gives up before the shortest timeout of the probes that run it (2 s): podman would
give up on it and leave it running in the container.
"""

import http.client
import sys
from urllib.parse import urlsplit, urlunsplit

TIMEOUT_SECONDS = 1.5


def main(arguments: list[str]) -> int:
    """Return 0 for an answer below 400, as the kubelet judges httpGet; else 1, or 64 for a bad command line."""
    url = urlsplit(arguments[0]) if len(arguments) == 1 else None
    if url is None or url.scheme != "http" or not url.hostname:
        print("usage: python -m app.probe http://HOST:PORT/PATH", file=sys.stderr)
        return 64
    connection = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", urlunsplit(("", "", url.path or "/", url.query, "")))
        response = connection.getresponse()
        body = response.read(1024).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 1
    finally:
        connection.close()
    print(response.status, body)
    return 0 if response.status < 400 else 1  # noqa: PLR2004 - the kubelet's own rule


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
