"""Settings for tests: as a test gives them, whatever the developer's shell and `.env` say."""

from collections.abc import MutableMapping
from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from app.settings import PREFIX, Settings, variable

SQLITE = "sqlite+aiosqlite://"


class GivenSettings(Settings):
    """Settings that read neither variables, nor `.env`, nor files."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_more: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the values that are given to the constructor as the only source."""
        del settings_cls
        return (init_settings,)


def settings_of(**values: Any) -> Settings:
    """Return the defaults but for `values`, by their fields; the database is SQLite in memory unless one is given."""
    return GivenSettings(**{"database_url": SQLITE, **values})


def forget(environment: MutableMapping[str, str]) -> None:
    """Remove every variable that the service would read from an environment."""
    known = {variable(field) for field in Settings.model_fields}
    for name in [name for name in environment if name.upper().startswith(PREFIX) or name.upper() in known]:
        del environment[name]
