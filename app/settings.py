"""Every setting of the service: its variable, its default, its limits, and the message when a value is bad."""

import difflib
import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "APP_"
HOST = re.compile(r"(\*\.)?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
SECRETS_DIR = Path("/run/secrets/app")
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")

Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
PositiveSeconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
Items = Annotated[tuple[str, ...], NoDecode]  # separated by commas, no JSON


class BadSettingsError(Exception):
    """One message for every bad setting: the variable, what was given (never a secret), what is allowed."""


class Settings(BaseSettings):
    """The settings, from the environment, else `.env` (development), else files in /run/secrets/app."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        frozen=True,
        populate_by_name=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    # The listener
    host: str = "0.0.0.0"  # noqa: S104 - a container serves its pod's address
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int | None = Field(default=None, ge=1, le=64, validation_alias="WEB_CONCURRENCY")
    keep_alive_seconds: int = Field(default=75, ge=1, le=3600)
    allowed_origins: Items = ()
    trusted_hosts: Items = ("*",)
    trusted_proxies: Items = ()

    # Limits, for each worker (docs/overload.md has their arithmetic)
    max_connections: int = Field(default=1000, ge=1)
    max_concurrent_requests: int = Field(default=100, ge=1)
    max_body_bytes: int = Field(default=1024 * 1024, ge=1)
    max_header_bytes: int = Field(default=16 * 1024, ge=256)
    max_header_count: int = Field(default=100, ge=1)
    header_timeout_seconds: PositiveSeconds = 10.0
    request_timeout_seconds: PositiveSeconds = 9.0

    # Termination: lame duck + linger + drain must fit the pod's grace period (k8s/deployment.yaml has the sum)
    lame_duck_seconds: Seconds = 10.0
    linger_seconds: Seconds = 2.0
    drain_seconds: PositiveSeconds = 10.0

    # Workers
    worker_timeout_seconds: int = Field(default=30, ge=2, le=3600)
    max_requests: int = Field(default=0, ge=0)
    max_requests_jitter: int = Field(default=0, ge=0)

    # Readiness
    readiness_timeout_seconds: PositiveSeconds = 1.0
    readiness_cache_seconds: Seconds = 1.0

    # The database
    database_url: SecretStr
    database_pool_size: int = Field(default=5, ge=1)
    database_max_overflow: int = Field(default=5, ge=0)
    database_pool_timeout_seconds: PositiveSeconds = 5.0
    database_pool_recycle_seconds: PositiveSeconds = 1800.0

    # Logs
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "console"] = "auto"
    log_probes: bool = False

    @field_validator("allowed_origins", "trusted_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split_commas(cls, value: Any) -> Any:
        return tuple(filter(None, (part.strip() for part in value.split(",")))) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not (origin.startswith(("https://", "http://")) and origin.count("/") == 2):  # noqa: PLR2004 - scheme://host
                raise ValueError("origins as scheme://host[:port], without a path and separated by commas, or *")
        return value

    @field_validator("trusted_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if host != "*" and not HOST.fullmatch(host):
                raise ValueError("host names without a port, *.example.com for all below a domain, or * for any")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            for network in value:
                ipaddress.ip_network(network)
        except ValueError as error:
            raise ValueError("IP addresses and networks (10.0.0.0/8), separated by commas") from error
        return value

    @field_validator("database_url")
    @classmethod
    def _names_a_driver(cls, value: SecretStr) -> SecretStr:
        try:
            driver = make_url(value.get_secret_value()).drivername
        except ArgumentError:
            driver = None
        if driver not in DRIVERS:
            raise ValueError(f"a URL that begins with {' or '.join(f'{name}://' for name in DRIVERS)}")
        return value

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.max_requests_jitter and not self.max_requests:
            raise ValueError(f"{PREFIX}MAX_REQUESTS_JITTER needs {PREFIX}MAX_REQUESTS above 0")
        if self.request_timeout_seconds >= self.drain_seconds:
            raise ValueError(
                f"{PREFIX}REQUEST_TIMEOUT_SECONDS ({self.request_timeout_seconds:g}) must be less than "
                f"{PREFIX}DRAIN_SECONDS ({self.drain_seconds:g}): who comes last needs an answer in it"
            )
        return self


def variable(field: str) -> str:
    """Return the environment variable that sets `field`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def load_settings() -> Settings:
    """Read the settings; raise BadSettingsError with one message that names everything that is wrong."""
    complaints = _unknown_variables()
    try:
        settings = Settings(_secrets_dir=SECRETS_DIR if SECRETS_DIR.is_dir() else None)
    except ValidationError as error:
        complaints += [_complaint(details) for details in error.errors(include_url=False)]
    if complaints:
        raise BadSettingsError("cannot start, bad settings:\n" + "\n".join(f"  {line}" for line in complaints))
    return settings


def _unknown_variables() -> list[str]:
    """Return a complaint for each APP_ variable that sets nothing: a misspelt setting must not be a silent default."""
    known = [variable(field) for field in Settings.model_fields]
    complaints = []
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            close = difflib.get_close_matches(name.upper(), known, n=1)
            complaints.append(f"{name}: no such setting" + (f"; did you mean {close[0]}?" if close else ""))
    return complaints


def _complaint(details: Any) -> str:
    """Return one line for one pydantic error: the variable, what was given, what is allowed."""
    allowed: str = details["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    if not details["loc"]:
        return allowed
    location = str(details["loc"][0])
    field = location.lower().removeprefix(PREFIX.lower())
    if details["type"] == "extra_forbidden":
        return f"{location.upper()}: no such setting (in .env)"
    name = variable(field) if field in Settings.model_fields else location.upper()
    if details["type"] == "missing":
        return f"{name}: missing; set the variable or the file {SECRETS_DIR / name}"
    secret = field in Settings.model_fields and Settings.model_fields[field].annotation is SecretStr
    given = "a value that is not shown" if secret else repr(details["input"])
    return f"{name}: given {given}; allowed: {allowed}"
