"""The most requests that are at work in a worker: beyond it an early refusal costs less than everybody waiting."""

DETAIL = "The service has as many requests at work as it can answer in time; try again."


class ConcurrencyLimit:
    """The places for requests at work, `places` of them."""

    __slots__ = ("_free",)

    def __init__(self, places: float) -> None:
        self._free = places

    @property
    def full(self) -> bool:
        """Whether there is no place."""
        return self._free <= 0

    def enter(self) -> None:
        """Take a place: to be asked for before, but who comes back from waiting has it in any case."""
        self._free -= 1

    def leave(self) -> None:
        """Give it back."""
        self._free += 1
