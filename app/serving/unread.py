"""Answers that clients have not read yet: how many bytes of them a worker keeps, and which make room."""

from typing import Protocol

FREE_BYTES = 128 * 1024  # of each: what a stream that waits for its client has in the buffer at most


class Connection(Protocol):
    """What an answer is written to."""

    def make_room(self) -> None:
        """Close at once."""


class UnreadAnswers:
    """At most `max_bytes` beyond the first FREE_BYTES of each; of more, those without progress for longest go."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._total = 0
        self._sizes: dict[Connection, int] = {}

    def note(self, connection: Connection, size: int) -> None:
        """Take note that so much of a connection's answer is unread now, some of it new or some of it just read."""
        self.forget(connection)
        if size > FREE_BYTES:
            self._sizes[connection] = size - FREE_BYTES
            self._total += size - FREE_BYTES
        while self._total > self._max_bytes:
            longest = next(iter(self._sizes))
            self.forget(longest)
            longest.make_room()

    def forget(self, connection: Connection) -> None:
        """Leave a connection out of account."""
        self._total -= self._sizes.pop(connection, 0)
