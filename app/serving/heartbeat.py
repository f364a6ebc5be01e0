"""A worker's heartbeat, which its arbiter reads: gunicorn's, on a file that needs no file system.

gunicorn's own is in a directory: one that is read-only, or has no inode left, would let no worker start.
"""

import os
from typing import Any

from gunicorn.workers import base
from gunicorn.workers.workertmp import WorkerTmp


class Heartbeat(WorkerTmp):
    """The file whose time of change is the worker's last beat."""

    def __init__(self, cfg: Any) -> None:
        try:
            self._tmp = os.fdopen(os.memfd_create("heartbeat"), "w+b", 0)
        except OSError:  # not every sandbox has it
            super().__init__(cfg)


def install() -> None:
    """Have every worker made from now on beat there."""
    base.WorkerTmp = Heartbeat  # type: ignore[attr-defined]  # its constructor knows no other way
