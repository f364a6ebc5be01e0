"""Every error the harness raises on purpose, in one tree: its message is all that a user needs to read."""

from collections.abc import Mapping

from seatrial.logs import Logs, rendered


class HarnessError(Exception):
    """The harness could not do what it was asked; the message names the thing, what was given and what is allowed."""


class NotPermittedError(HarnessError):
    """The host does not let this user do it."""


class CommandError(HarnessError):
    """An external command failed or did not end in time."""


class ToolMissingError(CommandError):
    """An external command is not installed."""

    def __init__(self, tool: str) -> None:
        super().__init__(f"`{tool}` is not installed; `seatrial doctor` says what installs it")


class RenderError(HarnessError):
    """An overlay does not render to usable manifests."""


class ManifestError(HarnessError):
    """A manifest asks for what the harness does not understand or cannot do."""


class NotOwnedError(HarnessError):
    """What has this name, or this port, is somebody else's, and is left alone."""


class PodmanError(CommandError):
    """podman refused, failed or did not end in time."""


class PlayError(HarnessError):
    """podman did not start what the manifests describe; `exit_codes` has those of the containers that ended.

    `seconds` has how long each of them ran, where that is known, `logs` what they wrote; `words` is the message alone.
    """

    def __init__(
        self,
        message: str,
        exit_codes: Mapping[str, int] | None = None,
        seconds: Mapping[str, float] | None = None,
        logs: Logs = (),
    ) -> None:
        super().__init__(f"{message}\n{rendered(logs)}" if logs else message)
        self.words = message
        self.exit_codes = dict(exit_codes or {})
        self.seconds = dict(seconds or {})
        self.logs = logs


class LimitExceededError(HarnessError):
    """An awaited state did not come, or did not last, within its limit."""


class NotReadyError(LimitExceededError):
    """A pod did not become ready within its limit."""


class ClusterError(HarnessError):
    """A cluster is not to be used, cannot be reached, or does not do what it was asked."""


class ApiError(ClusterError):
    """The API server refused a call or did not answer it; `status` is HTTP's, None without an answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ImageError(CommandError):
    """An image can neither be had nor be built."""


class ReportError(HarnessError):
    """A trial's report cannot be written where it was asked for."""
