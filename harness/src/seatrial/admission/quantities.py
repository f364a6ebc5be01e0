"""Quantities and what is asked of a node: requests and limits."""

from seatrial.admission import names
from seatrial.admission.refusal import Fields, Path, Refusal, Refusals, listed, part
from seatrial.manifests.quantity import FORMAT, parsed

STANDARD = ("cpu", "memory", "ephemeral-storage")


def resources(fields: Fields, path: Path) -> Refusals:
    """Refuse a container's resources: quantities, names, and a request above its limit."""
    given, here = part(fields, "resources"), (*path, "resources")
    for kind in ("limits", "requests"):
        for name, amount in part(given, kind).items():
            yield from _name(name, (*here, kind, name))
            yield from quantity(amount, (*here, kind, name))
    yield from _within(given, here)
    yield from _counted(given, here)
    claims = [item.get("name") for _, item in listed(given, here, "claims")]
    if len(claims) != len(set(claims)):
        yield Refusal((*here, "claims"), "a claim stands there twice")


def _within(given: Fields, path: Path) -> Refusals:
    limits, requests = part(given, "limits"), part(given, "requests")
    for name, amount in requests.items():
        asked, most = parsed(amount), parsed(limits.get(name))
        if asked is None or most is None:
            continue
        whole = not name.startswith("hugepages-") and "/" not in name
        if asked > most or (not whole and asked != most):
            yield Refusal(
                (*path, "requests", name),
                f"{amount} of {name} is not {'within' if whole else 'equal to'} the limit of {limits[name]}",
            )
    for name in requests:
        if name not in limits and ("/" in name or name.startswith("hugepages-")):
            yield Refusal((*path, "limits", name), f"a request of {name} takes a limit that is the same")


def _counted(given: Fields, path: Path) -> Refusals:
    """Refuse parts of what can only be given whole, and huge pages for a container that asks for nothing else."""
    for kind in ("limits", "requests"):
        for name, amount in part(given, kind).items():
            if "/" in name and (number := parsed(amount)) is not None and number != int(number):
                yield Refusal((*path, kind, name), f"given {amount!r}; allowed: a whole number of {name}")
    names_given = {*part(given, "limits"), *part(given, "requests")}
    if any(name.startswith("hugepages-") for name in names_given) and not names_given & {"cpu", "memory"}:
        yield Refusal(path, "huge pages take a request or a limit of cpu or memory besides")


def quantity(given: object, path: Path, *, least: int = 0) -> Refusals:
    """Refuse what is no quantity, or less than is allowed."""
    number = parsed(given)
    if number is None:
        yield Refusal(path, f"given {given!r}; {FORMAT}")
    elif number < least:
        yield Refusal(path, f"given {given!r}; allowed: {least} or more")


def _name(name: str, path: Path) -> Refusals:
    if "/" in name:
        if wrong := names.qualified(name):
            yield Refusal(path, wrong)
    elif name not in STANDARD and not name.startswith("hugepages-"):
        yield Refusal(path, f"given {name!r}; allowed: {', '.join(STANDARD)}, hugepages-SIZE, or DOMAIN/NAME")
