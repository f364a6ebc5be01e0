"""How long the kubelet waits before it starts an exited container again (CrashLoopBackOff)."""

INITIAL_SECONDS = 10.0
MAXIMUM_SECONDS = 300.0
RESET_SECONDS = 600.0
"""A container that ran for this long begins anew."""


class CrashLoopBackOff:
    """The waits of one container: none, then 10 s, doubled with each exit up to 300 s (pkg/kubelet/kubelet.go)."""

    def __init__(self) -> None:
        self._next_seconds = 0.0

    def after(self, ran_seconds: float) -> float:
        """Return the seconds to wait after an exit of a container that ran for so long."""
        if ran_seconds >= RESET_SECONDS:
            self._next_seconds = 0.0
        wait_seconds = self._next_seconds
        self._next_seconds = min(max(2 * wait_seconds, INITIAL_SECONDS), MAXIMUM_SECONDS)
        return wait_seconds
