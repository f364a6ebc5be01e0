"""Probes and lifecycle hooks: what they ask, and their numbers with Kubernetes' defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROBES = {"startup": "startupProbe", "readiness": "readinessProbe", "liveness": "livenessProbe"}
HANDLERS = ("httpGet", "tcpSocket", "exec", "grpc", "sleep")
DEFAULTS = {
    "initialDelaySeconds": 0,
    "periodSeconds": 10,
    "timeoutSeconds": 1,
    "successThreshold": 1,
    "failureThreshold": 3,
}


def number(probe: Mapping[str, Any], field: str) -> int:
    """Return a number of a probe as its owner wrote it: 0 means the default, as a missing field does."""
    return int(probe.get(field) or DEFAULTS[field])


@dataclass(frozen=True)
class HttpGet:
    """A probe that succeeds on a status from 200 to 399; `port` is the container's."""

    port: int
    path: str = "/"
    scheme: str = "HTTP"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TcpSocket:
    """A probe that succeeds when a connection opens; `port` is the container's."""

    port: int


@dataclass(frozen=True)
class Exec:
    """A probe that succeeds when a command in the container exits 0."""

    command: tuple[str, ...]


Handler = HttpGet | TcpSocket | Exec


@dataclass(frozen=True)
class Sleep:
    """A hook that waits for so long."""

    seconds: float


Hook = HttpGet | Exec | Sleep
"""What is done after a container's start, or before its stop signal (lifecycle.postStart, lifecycle.preStop)."""


@dataclass(frozen=True)
class Probe:
    """A probe that can be made; `grace_period_seconds` is its own one for restarts, if it has one."""

    handler: Handler
    initial_delay_seconds: float = DEFAULTS["initialDelaySeconds"]
    period_seconds: float = DEFAULTS["periodSeconds"]
    timeout_seconds: float = DEFAULTS["timeoutSeconds"]
    success_threshold: int = DEFAULTS["successThreshold"]
    failure_threshold: int = DEFAULTS["failureThreshold"]
    grace_period_seconds: float | None = None


@dataclass(frozen=True)
class DeclaredProbe:
    """A probe as its owner wrote it, which may ask what cannot be made here: by gRPC, or for a port that is not there.

    `name` is startup, readiness or liveness.
    """

    name: str
    raw: Mapping[str, Any]

    def seconds(self, field: str) -> int:
        """Return one of its numbers, by its name in the manifest: periodSeconds, failureThreshold, and so on."""
        return number(self.raw, field)

    @property
    def handler(self) -> dict[str, Any]:
        """Return what it asks, as the manifest has it."""
        return {handler: self.raw[handler] for handler in HANDLERS if handler in self.raw}

    @property
    def port(self) -> int | str | None:
        """Return the port that it asks for, by number or name; None for a command."""
        return next((asked["port"] for asked in self.handler.values() if "port" in asked), None)
