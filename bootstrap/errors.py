"""Every error the bootstrap raises on purpose: its message is all that a user needs to read."""


class BootstrapError(Exception):
    """The machine cannot be made ready; the message names what is missing, what was found and what to do."""


class NotRunnableError(BootstrapError):
    """A program is there by name, and the system does not run it."""
