"""A worker without HTTP: it takes one job after the other, tells by a file that it does, and ends between two jobs."""

import signal
import threading
from pathlib import Path

BEAT = Path("/tmp/beat")  # noqa: S108 - the pod's own volume
JOB_SECONDS = 0.2


def main() -> None:
    """Work until SIGTERM."""
    terminating = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: terminating.set())
    jobs = 0
    while not terminating.wait(JOB_SECONDS):
        jobs += 1
        BEAT.touch()
    print(f"ended after {jobs} jobs", flush=True)


main()
