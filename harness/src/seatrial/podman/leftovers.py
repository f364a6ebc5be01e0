"""What a run has in podman, and the commands that remove it."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Leftovers:
    """The names of what a run has in podman."""

    pods: tuple[str, ...]
    volumes: tuple[str, ...]
    secrets: tuple[str, ...]
    networks: tuple[str, ...]

    def __bool__(self) -> bool:
        """Return whether there is anything."""
        return any((self.pods, self.volumes, self.secrets, self.networks))

    def removal(self) -> str:
        """Return the shell command that removes all of it, the pods' data included."""
        return " && ".join(self._removals())

    def _removals(self) -> Iterator[str]:
        kinds = {
            ("pod", "rm", "--force", "--time", "0"): self.pods,
            ("volume", "rm", "--force"): self.volumes,  # those of the pods may have gone with them
            ("secret", "rm"): self.secrets,
            ("network", "rm"): self.networks,
        }
        for command, names in kinds.items():
            if names:
                yield shlex.join(("podman", *command, *names))
