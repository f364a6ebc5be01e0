"""Every setting of the service: its variable, meaning, default and limits, and the message when a value is bad.

`.env.example` and the table in docs/operations.md are written from it: `uv run python -m tests.docs`.
"""

import difflib
import ipaddress
import os
import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError
from sqlalchemy.engine import make_url

from app import database_url as database_urls
from app import secret_files
from app.admission import PATIENCE_SECONDS

PREFIX = "APP_"
HOST = re.compile(r"(\*\.)?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
OWN_PATHS = ("api", "docs", "health", "metrics", "openapi.json")

Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
PositiveSeconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
Items = Annotated[tuple[str, ...], NoDecode]  # separated by commas, no JSON


class BadSettingsError(Exception):
    """One message for every bad setting: the variable, what was given (never a secret), what is allowed."""


class Settings(BaseSettings):
    """The settings, from the environment, else `.env` (development), else files below /run/secrets."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        frozen=True,
        populate_by_name=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    # The listener
    host: str = Field(
        default="::",
        description="The address to listen on; `::` listens on every IPv4 and IPv6 address of the machine.",
    )
    port: int = Field(default=8000, ge=1, le=65535, description="The port to listen on.")
    workers: int | None = Field(
        default=None,
        ge=1,
        le=64,
        validation_alias="WEB_CONCURRENCY",
        examples=[2],
        description=(
            "The number of worker processes. By default it is the container's CPU quota in whole CPUs, and at least 1."
        ),
    )
    keep_alive_seconds: int = Field(
        default=75,
        ge=1,
        le=3600,
        description=(
            "How long an idle connection is kept open. Set it above the idle timeout of every proxy in front "
            "of the service."
        ),
    )
    allowed_origins: Items = Field(
        default=(),
        description=(
            "The origins that browsers may call the API from (CORS), separated by commas: "
            "https://app.example.com,https://admin.example.com"
        ),
    )
    trusted_hosts: Items = Field(
        default=("*",),
        description=(
            "The host names that requests may be for, separated by commas: api.example.com, *.example.com, or "
            "* for any host. Probes are exempt."
        ),
    )
    trusted_proxies: Items = Field(
        default=(),
        description=(
            "The proxies whose X-Forwarded-For and X-Forwarded-Proto headers are believed, as addresses or "
            "networks: 10.0.0.0/8."
        ),
    )
    root_path: str = Field(
        default="",
        description=(
            "The path that a proxy serves the API below, such as /notes, whether or not the proxy removes the "
            "path from requests."
        ),
    )
    docs: bool = Field(default=True, description="Whether /docs and /openapi.json are served.")

    # Limits, for each worker (docs/overload.md has their arithmetic)
    max_connections: int = Field(
        default=1000,
        ge=1,
        description=(
            "The number of open connections of a worker. When one more opens, the connection that has waited "
            "longest for its client is closed."
        ),
    )
    max_concurrent_requests: int | None = Field(
        default=None,
        ge=1,
        examples=[10],
        description=(
            "The number of requests that a worker handles at once. By default it is the number of connections "
            "that the pool may open. Further requests wait for 0.1 to 0.5 s and are then answered with 503; "
            "probes and scrapes are exempt."
        ),
    )
    max_body_bytes: int = Field(
        default=1024 * 1024, ge=1, description="The size of a request body above which the answer is 413."
    )
    max_json_values: int = Field(
        default=10_000,
        ge=1,
        description=(
            "The number of keys and values in a JSON body above which the answer is 413, before the body is parsed."
        ),
    )
    max_buffered_bytes: int = Field(
        default=16 * 1024 * 1024,
        ge=1,
        description=(
            "The memory of a worker for long request bodies, and the same again for answers that clients have not"
            " read. When a buffer is full, requests are answered with 503 and connections are reset."
        ),
    )
    max_header_bytes: int = Field(
        default=16 * 1024, ge=256, description="The size of a request's header above which the answer is 431."
    )
    max_header_count: int = Field(
        default=100, ge=1, description="The number of header fields above which the answer is 431."
    )
    header_timeout_seconds: PositiveSeconds = Field(
        default=10.0, description="How long a client may take to send the header of a request."
    )
    request_timeout_seconds: PositiveSeconds = Field(
        default=9.0,
        description=(
            "How long a request may take. A longer one is cancelled and answered with 503, or with 408 while "
            "its body is still arriving. Keep it below APP_DRAIN_SECONDS."
        ),
    )

    # Termination: lame duck + linger + drain must fit the pod's grace period (k8s/deployment.yaml has the sum)
    lame_duck_seconds: Seconds = Field(
        default=10.0,
        description="How long the service goes on accepting requests after SIGTERM, while its readiness probe fails.",
    )
    linger_seconds: Seconds = Field(
        default=2.0, description="How long an open connection may send one more request after the listener is closed."
    )
    drain_seconds: PositiveSeconds = Field(
        default=10.0, description="How long requests in flight may take to finish after the linger."
    )

    # Workers
    worker_timeout_seconds: int = Field(
        default=30,
        ge=2,
        le=3600,
        description="How long the event loop of a worker may be blocked before the worker is replaced.",
    )
    max_requests: int = Field(
        default=0,
        ge=0,
        description="The number of requests after which a worker is replaced; 0 never replaces a worker.",
    )
    max_requests_jitter: int = Field(
        default=0,
        ge=0,
        description=(
            "The largest random number of requests to add to APP_MAX_REQUESTS, so that the workers are not "
            "replaced at once."
        ),
    )

    # Readiness
    readiness_timeout_seconds: PositiveSeconds = Field(
        default=1.0,
        description=(
            "How long a dependency may take to answer a readiness check. Keep it below the probe's timeoutSeconds."
        ),
    )
    readiness_cache_seconds: Seconds = Field(
        default=1.0, description="How long the result of a readiness check is used for further probes."
    )

    # The database
    database_url: SecretStr = Field(
        examples=["sqlite+aiosqlite:///app.db"],
        description=(
            "The URL of the database: sqlite+aiosqlite:///app.db or postgresql+asyncpg://user:password@host/database."
        ),
    )
    database_password: SecretStr | None = Field(
        default=None,
        examples=["change-me"],
        description=(
            "The password of the database, if the URL has none. Prefer a file of this name below /run/secrets "
            "to a variable."
        ),
    )
    database_pooler: Literal["auto", "none", "session", "transaction"] = Field(
        default="auto",
        description=(
            "PostgreSQL: the mode of the connection pooler (PgBouncer) that the URL leads to; auto detects it."
        ),
    )
    database_migration_url: SecretStr | None = Field(
        default=None,
        examples=["postgresql+asyncpg://owner:password@host/database"],
        description=(
            "The URL that `migrate` uses instead of APP_DATABASE_URL, to bypass a pooler or to connect as another user."
        ),
    )
    database_connect_timeout_seconds: PositiveSeconds = Field(
        default=2.0, description="PostgreSQL: how long opening a connection may take."
    )
    database_statement_timeout_seconds: PositiveSeconds = Field(
        default=5.0,
        description="PostgreSQL: how long a statement may take. The request of a longer one is answered with 503.",
    )
    database_pool_size: int = Field(
        default=5, ge=1, description="The number of database connections that each worker keeps open."
    )
    database_max_overflow: int = Field(
        default=5,
        ge=0,
        description=(
            "The number of database connections that each worker may open in addition to APP_DATABASE_POOL_SIZE."
        ),
    )
    database_pool_timeout_seconds: PositiveSeconds = Field(
        default=0.5,
        description="How long a request waits for a database connection of the pool before it is answered with 503.",
    )
    database_pool_recycle_seconds: PositiveSeconds = Field(
        default=1800.0, description="The age above which a database connection is replaced before it is used."
    )
    replicas: int = Field(
        default=1,
        ge=1,
        description=(
            "The number of replicas of the Deployment, or more. The pools of all replicas must fit the "
            "connection limit of the database."
        ),
    )
    migration_wait_seconds: PositiveSeconds = Field(
        default=60.0, description="How long `migrate` waits for the database, and for the migration of another pod."
    )

    # Logs
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The lowest level that is logged."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto",
        description=(
            "The format of logs: json writes one JSON object a line, console is for people, and auto is "
            "console on a terminal and json elsewhere."
        ),
    )
    log_probes: bool = Field(default=False, description="Whether successful probes and scrapes are in the access log.")

    # The build
    version: str = Field(default="0", description="The version that the metrics show. The image sets it.")
    revision: str = Field(default="unknown", description="The commit that the metrics show. The image sets it.")

    @field_validator("allowed_origins", "trusted_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split_commas(cls, value: Any) -> Any:
        return tuple(filter(None, (part.strip() for part in value.split(",")))) if isinstance(value, str) else value

    @field_validator("host")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        bare = value.removeprefix("[").removesuffix("]")
        try:
            if ":" in bare and "%" not in bare:
                return str(ipaddress.IPv6Address(bare))
        except ValueError:
            bare = ""
        if not re.fullmatch("[A-Za-z0-9._-]+", bare):
            raise ValueError("an IP address, one of IPv6 with or without brackets, or a host name; no port")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not (origin.startswith(("https://", "http://")) and origin.count("/") == 2):  # noqa: PLR2004 - scheme://host
                raise ValueError("origins as scheme://host[:port], without a path and separated by commas, or *")
        return value

    @field_validator("root_path")
    @classmethod
    def _is_no_path_of_its_own(cls, value: str) -> str:
        # Below a path of its own, nobody could tell whether the proxy has taken the first one away.
        if value and (not ROOT_PATH.fullmatch(value) or value.split("/")[1] in OWN_PATHS):
            own = ", ".join(f"/{path}" for path in OWN_PATHS)
            raise ValueError(f"a path such as /notes, without a slash at its end, and not below {own}")
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

    @field_validator("database_url", "database_migration_url", "database_password")
    @classmethod
    def _end_like_files(cls, value: SecretStr | None) -> SecretStr | None:
        return value and SecretStr(value.get_secret_value().rstrip("\r\n"))

    @field_validator("database_url", "database_migration_url")
    @classmethod
    def _are_database_urls(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            database_urls.check(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.max_requests_jitter and not self.max_requests:
            raise ValueError(f"{PREFIX}MAX_REQUESTS_JITTER needs {PREFIX}MAX_REQUESTS above 0")
        if self.database_password and make_url(self.database_url.get_secret_value()).password is not None:
            raise ValueError(f"{PREFIX}DATABASE_PASSWORD and a password in {PREFIX}DATABASE_URL: give one of them")
        if self.migration_wait_seconds < self.database_connect_timeout_seconds:
            raise ValueError(
                f"{PREFIX}MIGRATION_WAIT_SECONDS {self.migration_wait_seconds:g} must hold at least one attempt, "
                f"{PREFIX}DATABASE_CONNECT_TIMEOUT_SECONDS {self.database_connect_timeout_seconds:g}"
            )
        if self.request_timeout_seconds + PATIENCE_SECONDS > self.drain_seconds:
            raise ValueError(
                f"{PREFIX}REQUEST_TIMEOUT_SECONDS ({self.request_timeout_seconds:g}) must be at least "
                f"{PATIENCE_SECONDS:g} s less than {PREFIX}DRAIN_SECONDS ({self.drain_seconds:g}): the last request "
                f"that comes before the drain may wait {PATIENCE_SECONDS:g} s for its turn, and needs an answer in it"
            )
        return self

    @property
    def concurrent_requests(self) -> int:
        """How many requests may be at work in a worker at once."""
        return self.max_concurrent_requests or self.database_pool_size + self.database_max_overflow

    def for_migrations(self) -> "Settings":
        """Return the settings by which `migrate` connects."""
        if self.database_migration_url is None:
            return self
        return self.model_copy(update={"database_url": self.database_migration_url, "database_pooler": "auto"})


def variable(field: str) -> str:
    """Return the environment variable that sets `field`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def load_settings() -> Settings:
    """Read the settings; raise BadSettingsError with one message that names everything that is wrong."""
    known = [variable(field) for field in Settings.model_fields]
    complaints = [
        f"{name}: {_no_such(name)}"
        for name in sorted(os.environ)
        if name.upper().startswith(PREFIX) and name.upper() not in known
    ]
    complaints += secret_files.complaints(secret_files.SECRETS, known, PREFIX, _no_such)
    try:
        settings = Settings(_secrets_dir=secret_files.directories(secret_files.SECRETS))
    except ValidationError as error:
        complaints += [_complaint(details) for details in error.errors(include_url=False)]
    except SettingsError as error:
        complaints = complaints or [f"{error.__cause__ or error}"]  # of a Secret's file that cannot be read
    else:
        complaints += _unreadable_certificates(settings)
    if complaints:
        raise BadSettingsError("cannot start, bad settings:\n" + "\n".join(f"  {line}" for line in complaints))
    return settings


def _no_such(name: str) -> str:
    """Return the complaint about a name that sets nothing: a misspelt setting must not be a silent default."""
    known = [variable(field) for field in Settings.model_fields]
    close = difflib.get_close_matches(name.upper(), known, n=1)
    return "no such setting" + (f"; did you mean {close[0]}?" if close else "")


def _unreadable_certificates(settings: Settings) -> list[str]:
    complaints = []
    for field in ("database_url", "database_migration_url"):
        value: SecretStr | None = getattr(settings, field)
        path = value and database_urls.root_certificates(make_url(value.get_secret_value()))
        if path and not os.access(path, os.R_OK):
            complaints.append(
                f"{variable(field)}: given sslrootcert={path}; allowed: a file that can be read, or system"
            )
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
        return f"{name}: missing; set the variable or the file {secret_files.OWN / name}"
    secret = field in Settings.model_fields and "SecretStr" in str(Settings.model_fields[field].annotation)
    given = "a value that is not shown" if secret else repr(details["input"])
    return f"{name}: given {given}; allowed: {allowed}"
