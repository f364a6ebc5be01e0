"""Who made a namespace, so that what a killed run left can be told from what another run is using."""

import json
import os
import socket
import time
from dataclasses import asdict, dataclass

from tests.harness.owner import started

STRANGERS_SECONDS = 2 * 3600.0
"""How long a namespace of another machine is left alone: no deployment of a test lasts as long."""


@dataclass(frozen=True)
class Owner:
    """A process of a machine; `began` tells it from a later one with its number, `since` is seconds of the epoch."""

    machine: str
    process: int
    began: str
    since: float

    @classmethod
    def of_this_process(cls) -> "Owner":
        """Return this process."""
        return cls(socket.gethostname(), os.getpid(), started(os.getpid()), time.time())

    @classmethod
    def parse(cls, text: str) -> "Owner | None":
        """Return an owner from its text, None when it is none."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    def __str__(self) -> str:
        """Return it as an annotation's text."""
        return json.dumps(asdict(self))

    def is_gone(self) -> bool:
        """Tell whether it certainly has no more use for what it made."""
        if self.machine == socket.gethostname():
            return started(self.process) != self.began
        return time.time() - self.since > STRANGERS_SECONDS
