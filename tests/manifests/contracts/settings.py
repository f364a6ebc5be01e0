"""The service's settings as the manifests give them."""

from collections.abc import Iterator

from pydantic import ValidationError

from app import secret_files
from app.settings import PREFIX, variable
from seatrial.contracts.contract import Check, contract
from seatrial.contracts.overlay import Overlay
from tests.manifests.contracts.service import FIELDS, given
from tests.manifests.overlay import is_ours
from tests.settings import GivenSettings


@contract
def settings_are_known(overlay: Overlay) -> Iterator[Check]:
    """Every APP_ variable is a setting, in every container that gets it."""
    for container in overlay.containers():
        for name, found in overlay.environment(container).items():
            if name.startswith(PREFIX):
                known = name in FIELDS
                yield Check(container.where, known, f"{name} ({found.source})" + ("" if known else " is no setting"))


@contract
def settings_are_valid(overlay: Overlay) -> Iterator[Check]:
    """The values pass the service's own checks, and every required one is there, as a variable or a Secret's file."""
    for container in overlay.containers():
        if is_ours(container.image):
            values = given(overlay, container)
            complaints = _complaints(values)
            text = "; ".join(complaints) or f"{len(values)} settings given: {', '.join(map(variable, values))}"
            yield Check(container.where, not complaints, text)


@contract
def settings_are_given_once(overlay: Overlay) -> Iterator[Check]:
    """No setting is given by a variable and by a Secret's file as well: the file would be ignored without a word."""
    for container in overlay.containers():
        if is_ours(container.image):
            files = overlay.secret_files(container, str(secret_files.OWN))
            twice = sorted(files & overlay.environment(container).keys())
            given_twice = f"given by a variable and a file: {', '.join(twice)}"
            yield Check(container.where, not twice, given_twice if twice else f"files: {', '.join(files) or 'none'}")


def _complaints(values: dict[str, str]) -> list[str]:
    try:
        GivenSettings.model_validate(values)
    except ValidationError as error:
        return [
            f"{variable(str(fault['loc'][0])) if fault['loc'] else 'settings'}: {fault['msg']}"
            for fault in error.errors()
        ]
    return []
