"""Every error of `python -m fork`: its message is all that a user needs to read."""


class ForkError(Exception):
    """The checkout cannot be changed as asked; nothing of it was changed."""
