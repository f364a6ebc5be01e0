"""The service's settings as the manifests give them."""

from collections.abc import Iterator

from pydantic import ValidationError

from app.settings import PREFIX, SECRETS_DIR, Settings, variable
from tests.manifests.overlay import Overlay, is_ours

PLACEHOLDER_URL = "sqlite+aiosqlite://"  # a Secret's content is not in the repository


def settings_are_known(overlay: Overlay) -> Iterator[str]:
    """Every APP_ variable is a setting, in every container that gets it."""
    known = {variable(field) for field in Settings.model_fields}
    for workload in overlay.workloads():
        for container in workload.containers():
            for name in overlay.environment(container):
                if name.startswith(PREFIX) and name not in known:
                    yield f"{workload.name}: container {container['name']}: {name} is no setting"


def settings_are_valid(overlay: Overlay) -> Iterator[str]:
    """The values pass the service's own checks, and every required one is there, as a variable or a Secret's file."""
    fields = {variable(field): field for field in Settings.model_fields}
    for workload in overlay.workloads():
        for container in workload.containers():
            if not is_ours(container["image"]):
                continue
            values = {fields[name]: value for name, value in overlay.environment(container).items() if name in fields}
            files = overlay.secret_files(workload, container, str(SECRETS_DIR))
            values |= {fields[name]: PLACEHOLDER_URL for name in files if name in fields}
            try:
                Settings.model_validate(values)
            except ValidationError as error:
                for fault in error.errors():
                    field = str(fault["loc"][0]) if fault["loc"] else "settings"
                    yield f"{workload.name}: container {container['name']}: {PREFIX}{field.upper()}: {fault['msg']}"
