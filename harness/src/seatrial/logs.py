"""What containers have logged, a text for each container."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Log:
    """What one container wrote; `pod` is named where there are several, `note` says which of its runs it was."""

    container: str
    text: str
    pod: str = ""
    note: str = ""

    def __str__(self) -> str:
        """Return it under a headline, for people."""
        whose = f"{self.pod}/{self.container}" if self.pod else self.container
        return f"--- logs of {', '.join(filter(None, (whose, self.note)))}\n{self.text.rstrip()}"


Logs = tuple[Log, ...]


def rendered(logs: Iterable[Log]) -> str:
    """Return all of them as one text."""
    return "\n".join(map(str, logs))


def lines(logs: Iterable[Log], containers: Collection[str]) -> list[str]:
    """Return the lines of some containers, but for empty ones."""
    return [line for log in logs if log.container in containers for line in log.text.splitlines() if line.strip()]
