"""Who made a namespace, so that what a killed run left can be told from what another run is using."""

import json
import time
from dataclasses import asdict, dataclass

from seatrial.host import owner

STRANGERS_SECONDS = 2 * 3600.0
"""How long a namespace is left alone whose process cannot be seen from here: no deployment of a test lasts as long."""


@dataclass(frozen=True)
class Owner:
    """A process, as it tells itself from all others; `since` is seconds of the epoch."""

    process: str
    since: float

    @classmethod
    def of_this_process(cls) -> "Owner":
        """Return this process."""
        return cls(owner.this_process(), time.time())

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
        if owner.is_visible(self.process):
            return owner.is_gone(self.process)
        return time.time() - self.since > STRANGERS_SECONDS
