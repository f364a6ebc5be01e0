"""A copy of a good overlay, and the words in which the mutations of it are written."""

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

from seatrial.contracts import Overlay
from seatrial.manifests.kustomize import Object

Place = Callable[["Mutant"], Any]
Change = Callable[["Mutant"], None]


class Mutation(NamedTuple):
    """A change to an overlay, and the one contract that must reject it."""

    contract: str
    overlay: str
    change: Change


class Mutant:
    """A copy of an overlay's objects."""

    def __init__(self, overlay: Overlay) -> None:
        self.original = overlay
        self.objects: list[Object] = copy.deepcopy(list(overlay.objects))

    def get(self, kind: str, name: str = "seatrial") -> Any:
        """Return the object of a kind whose name begins with `name`."""
        return next(
            found for found in self.objects if found["kind"] == kind and found["metadata"]["name"].startswith(name)
        )

    def overlay(self) -> Overlay:
        """Return what became of it, as contracts read it."""
        return Overlay(self.original.name, self.objects, self.original.runtime)


def of(kind: str, name: str = "seatrial") -> Place:
    """Return where an object's spec is."""
    return lambda mutant: mutant.get(kind, name)["spec"]


def pod(mutant: Mutant) -> Any:
    """Return the service's pod spec."""
    return mutant.get("Deployment")["spec"]["template"]["spec"]


def container(mutant: Mutant) -> Any:
    """Return the service's container."""
    return pod(mutant)["containers"][0]


def database(mutant: Mutant) -> Any:
    """Return the container of the overlay's own PostgreSQL."""
    return mutant.get("Deployment", "postgres")["spec"]["template"]["spec"]["containers"][0]


def pooler(mutant: Mutant) -> Any:
    """Return the data of the pooler's ConfigMap."""
    return mutant.get("ConfigMap", "pgbouncer")["data"]


def settings(mutant: Mutant) -> Any:
    """Return the data of the settings' ConfigMap."""
    return mutant.get("ConfigMap", "seatrial-settings")["data"]


def inside(place: Place, *steps: str | int) -> Place:
    """Return a place below another."""

    def walk(mutant: Mutant) -> Any:
        found = place(mutant)
        for step in steps:
            found = found[step]
        return found

    return walk


def put(place: Place, **values: Any) -> Change:
    """Set fields."""
    return lambda mutant: place(mutant).update(values)


def put_item(place: Place, index: int, value: Any) -> Change:
    """Set an item of a list."""
    return lambda mutant: place(mutant).__setitem__(index, value)


def replace(place: Place, field: str, before: str, after: str) -> Change:
    """Replace a part of a text."""
    return lambda mutant: place(mutant).update({field: place(mutant)[field].replace(before, after)})


def drop(place: Place, *fields: str) -> Change:
    """Take fields away."""

    def change(mutant: Mutant) -> None:
        for field in fields:
            del place(mutant)[field]

    return change


def add(place: Place, field: str, item: Any) -> Change:
    """Add an item to a list, which need not be there."""
    return lambda mutant: place(mutant).setdefault(field, []).append(item)


def add_object(found: Object) -> Change:
    """Add an object."""
    return lambda mutant: mutant.objects.append(found)


def remove_object(kind: str, name: str = "seatrial") -> Change:
    """Take an object away."""
    return lambda mutant: mutant.objects.remove(mutant.get(kind, name))


def both(*changes: Change) -> Change:
    """Make several changes."""

    def change(mutant: Mutant) -> None:
        for each in changes:
            each(mutant)

    return change
