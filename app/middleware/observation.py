"""What is told of each request when its last byte is with the server: a line in the access log, and its metrics."""

from starlette.types import Scope

from app import logs
from app.metrics import Metrics

# What machines ask at a steady rate, whatever users do. They are not among the metrics: in an hour without users, one
# failed readiness probe would be an error ratio of its own. Readiness has its own metrics.
OPERATIONAL = frozenset({"/health/live", "/health/ready", "/health/startup", "/metrics"})
UNMATCHED = "unmatched"  # the one name of what no route answered: a path is the client's to choose
CLIENT_CLOSED_REQUEST = 499  # nginx's word for a client that left before the answer
FIRST_ERROR = 400
LOGGED_PATH = 256  # of a path's characters: whoever sends one of 16 KB need not fill the logs with it


def logged_path(scope: Scope) -> str:
    """Return a request's path as logs have it."""
    path: str = scope["path"]
    return path if len(path) <= LOGGED_PATH else f"{path[:LOGGED_PATH]}..."


class Observation:
    """Log and count each request; probes and scrapes are logged if they fail or `log_probes` is true."""

    def __init__(self, metrics: Metrics, *, log_probes: bool) -> None:
        self._metrics = metrics
        self._log_probes = log_probes

    def begin(self, scope: Scope) -> None:
        """Count a request as in flight."""
        self._metrics.in_flight += scope["path"] not in OPERATIONAL

    def end(self, scope: Scope, status: int, seconds: float) -> None:
        """Tell how a request was answered, and in what time."""
        operational = scope["path"] in OPERATIONAL
        if not operational:
            self._metrics.in_flight -= 1
            route = getattr(scope.get("route"), "path", UNMATCHED)
            self._metrics.request_answered(scope["method"], route, status, seconds)
        if not operational or self._log_probes or status >= FIRST_ERROR:
            logs.emit(
                "request",
                {
                    "method": scope["method"],
                    "path": logged_path(scope),
                    "status": status,
                    "duration_ms": round(seconds * 1000, 3),
                    "client": scope["client"][0] if scope.get("client") else None,
                },
            )
