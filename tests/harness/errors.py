"""Every error the harness raises on purpose, in one tree: its message is all that a user needs to read."""


class HarnessError(Exception):
    """The harness could not do what it was asked; the message names the thing, what was given and what is allowed."""


class CommandError(HarnessError):
    """An external command failed or did not end in time."""


class ToolMissingError(CommandError):
    """An external command is not installed."""


class RenderError(HarnessError):
    """An overlay does not render to usable manifests."""


class ManifestError(HarnessError):
    """A manifest asks for what the harness does not understand or cannot do."""


class PlayError(HarnessError):
    """podman did not start what the manifests describe."""


class NotReadyError(HarnessError):
    """A pod did not reach the awaited state within its limit."""
