"""What a deployment is about, where labels need not say it, as in a trial of somebody's manifests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lead:
    """A workload by its name, and the container of it that serves; `needs` are the workloads that it depends on.

    With it, workloads begin one after the other, as on podman: each of `needs` is ready, and each Job done, before the
    next one begins.
    """

    workload: str
    container: str
    needs: tuple[str, ...] = ()
