"""Every error the benchmark raises on purpose."""


class BenchError(Exception):
    """A measurement cannot be made, or would not be honest; the message says why."""
