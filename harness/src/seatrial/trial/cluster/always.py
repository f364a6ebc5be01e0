"""The same request each time, by value: what is sent from inside the cluster is shipped there, and a lambda is not."""

from dataclasses import dataclass

from seatrial.traffic.exchange import Request


@dataclass(frozen=True)
class Always:
    """Returns its request whenever it is called."""

    request: Request

    def __call__(self) -> Request:
        """Return it."""
        return self.request
