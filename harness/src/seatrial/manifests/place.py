"""Places in the manifests: which object, and which field of it, a check is about."""

from dataclasses import dataclass, replace

from seatrial.manifests.kustomize import Object

Step = str | int
"""A field's name, or an item's index."""


@dataclass(frozen=True)
class Place:
    """An object and, by the steps to it, one of its fields, which need not be there; `label` is what messages say."""

    object: Object
    label: str
    path: tuple[Step, ...] = ()

    def at(self, *steps: Step) -> "Place":
        """Return a field of it, which messages call the same."""
        return replace(self, path=(*self.path, *steps))

    def part(self, label: str, *steps: Step) -> "Place":
        """Return a part of it that messages call by a label of its own behind this one's."""
        return Place(self.object, f"{self.label}, {label}", (*self.path, *steps))

    def __str__(self) -> str:
        """Return what messages call it."""
        return self.label


def called(found: Object) -> str:
    """Return what a message calls an object."""
    return f"{found['kind']} {found['metadata']['name']}"


def whole(found: Object) -> Place:
    """Return the place that is a whole object."""
    return Place(found, called(found))
