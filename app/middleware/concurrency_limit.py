"""The most streams, or background tasks, of a worker."""


class ConcurrencyLimit:
    """`places` places."""

    __slots__ = ("_free", "_places")

    def __init__(self, places: int) -> None:
        self._places = places
        self._free = places

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._places - self._free

    @property
    def full(self) -> bool:
        """Whether there is no place."""
        return self._free <= 0

    def enter(self) -> None:
        """Take a place, whether or not there is one."""
        self._free -= 1

    def leave(self) -> None:
        """Give it back."""
        self._free += 1
