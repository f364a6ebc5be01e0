"""Every error the server's tool raises on purpose; the message is all that an administrator needs to read."""

from seatrial.errors import CommandError, HarnessError


class ServerError(HarnessError):
    """The tool could not do what it was asked; the message names the thing, what was given and what is allowed."""


class SystemdError(CommandError):
    """systemd refused, failed or did not end in time."""


class RolledBackError(ServerError):
    """A new revision did not become Ready; what was live before still is."""
