"""Answers that nobody reads: many small ones are kept, and of long ones those without progress for longest go."""

from app.serving.unread import FREE_BYTES, UnreadAnswers


class Client:
    """A connection that notes its end."""

    def __init__(self) -> None:
        self.closed = False

    def make_room(self) -> None:
        """Close."""
        self.closed = True


def test_longest_without_progress_makes_room() -> None:
    """Two long answers have room; of three the first goes, unless it has been read from meanwhile."""
    for reads, gone in ((False, 0), (True, 1)):
        unread = UnreadAnswers(200)
        clients = [Client() for _ in range(3)]
        for client in clients[:2]:
            unread.note(client, FREE_BYTES + 100)
        if reads:
            unread.note(clients[0], FREE_BYTES + 90)
        assert not any(client.closed for client in clients)
        unread.note(clients[2], FREE_BYTES + 100)
        assert [number for number, client in enumerate(clients) if client.closed] == [gone]


def test_what_is_read_or_lost_makes_room() -> None:
    """Neither counts for others afterwards."""
    unread = UnreadAnswers(100)
    for _ in range(10):
        read, lost = Client(), Client()
        unread.note(read, FREE_BYTES + 100)
        unread.note(read, 0)
        unread.note(lost, FREE_BYTES + 100)
        unread.forget(lost)
        assert not read.closed
        assert not lost.closed


def test_short_answers_are_free() -> None:
    """Thousands of them."""
    unread = UnreadAnswers(0)
    clients = [Client() for _ in range(2000)]
    for client in clients:
        unread.note(client, FREE_BYTES)
    assert not any(client.closed for client in clients)
