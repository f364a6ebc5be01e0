"""What a connection's protocol is given besides its server's own, for tests that make one themselves."""

from typing import Any

from app.admission import Admission
from app.lifecycle import Lifecycle
from app.metrics import Metrics
from app.serving.shedding import Shedding
from app.settings import Settings


def parts(settings: Settings, lifecycle: Lifecycle | None = None) -> dict[str, Any]:
    """Return the keyword arguments of LimitedProtocol, as a worker makes them."""
    admission = Admission(settings.concurrent_requests)
    shedding = Shedding(admission, Metrics(version="0", revision="0"))
    return {
        "settings": settings,
        "lifecycle": lifecycle or Lifecycle(),
        "admission": admission,
        "shedding": shedding,
        "waiting": {},
    }
