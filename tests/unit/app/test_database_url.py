"""The database's URL: what is supported, and what is refused by name before anything connects."""

import ssl
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from app.database_url import SSL_MODES, check
from app.postgresql import Connector, without_our_parameters
from app.settings import BadSettingsError, load_settings
from tests.settings import settings_of

SERVER = "postgresql+asyncpg://app:hunter2@db/app"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:///seatrial.db",
        "sqlite+aiosqlite:///file:seatrial.db?mode=rw&uri=true",
        SERVER,
        "postgresql+asyncpg://app:p%40ss%3F@[::1]:5433/app",
        "postgresql+asyncpg:///app?host=/run/postgresql",
        "postgresql+asyncpg:///app?host=one:5432&host=two:5432&target_session_attrs=read-write",
        f"{SERVER}?sslmode=verify-full&sslrootcert=/etc/ca.pem&application_name=notes",
        *(f"{SERVER}?sslmode={mode}" for mode in SSL_MODES),
    ],
)
def test_good_url_is_accepted(url: str) -> None:
    """Every driver and every parameter that is documented."""
    check(url)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (f"{SERVER} ", "without spaces, quotes or line breaks"),
        (f" {SERVER}", "without spaces, quotes or line breaks"),
        (f'"{SERVER}"', "without spaces, quotes or line breaks"),
        (f"'{SERVER}'", "without spaces, quotes or line breaks"),
        (SERVER.replace("@", "\n@"), "without spaces, quotes or line breaks"),
        (f"{SERVER}?sslmode=required", "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full"),
        (f"{SERVER}?sslmode=require&sslmode=disable", "the parameter sslmode once"),
        (f"{SERVER}?sslmode=require&ssl=require", "one of the parameters ssl and sslmode"),
        (f"{SERVER}?sslrootcert=/etc/ca.pem", "where it has sslrootcert"),
        (f"{SERVER}?sslmdoe=require", "did you mean sslmode"),
        (f"{SERVER}?channel_binding=require", "without the parameter channel_binding: allowed are application_name"),
        (f"{SERVER}?options=-csearch_path%3Dx", "ALTER ROLE"),
        (f"{SERVER}?connect_timeout=5", "APP_DATABASE_CONNECT_TIMEOUT_SECONDS"),
        (f"{SERVER}?pool_size=3", "APP_DATABASE_POOL_SIZE"),
        (f"{SERVER}?prepared_statement_cache_size=0", "APP_DATABASE_POOLER"),
        (f"{SERVER}?target_session_attrs=primry", "one of any, primary"),
        ("postgresql+asyncpg://app:hunter2?x=hunter2@db/app", "%3F for [?]"),
        ("sqlite+aiosqlite:///seatrial.db?timeout=9", "without the parameter timeout"),
    ],
)
def test_bad_url_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, url: str, allowed: str) -> None:
    """One message that says what is allowed, and shows no secret."""
    monkeypatch.setenv("APP_DATABASE_URL", url)
    with pytest.raises(BadSettingsError, match=rf"APP_DATABASE_URL: .*{allowed}") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_url_and_password_may_end_as_files_do() -> None:
    """The line break that an editor, or `kubectl create secret --from-file`, leaves there is nobody's password."""
    settings = settings_of(
        database_url=SecretStr("postgresql+asyncpg://app@db/app\n"), database_password=SecretStr("pw\r\n")
    )
    assert settings.database_url.get_secret_value() == "postgresql+asyncpg://app@db/app"
    assert settings.database_password == SecretStr("pw")


def test_certificates_that_cannot_be_read_stop_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file is named; the CAs that the machine trusts need none."""
    monkeypatch.setenv("APP_DATABASE_URL", f"{SERVER}?sslmode=verify-full&sslrootcert={tmp_path}/ca.pem")
    with pytest.raises(BadSettingsError, match=r"given sslrootcert=.*/ca.pem; allowed: a file that can"):
        load_settings()
    monkeypatch.setenv("APP_DATABASE_URL", f"{SERVER}?sslmode=verify-full&sslrootcert=system")
    load_settings()


def tls(url: str) -> ssl.SSLContext:
    """Return the TLS that a connection would have."""
    connector = Connector(make_url(url), "none", connect_timeout_seconds=1, statement_timeout_seconds=None)
    context = connector.arguments("none")["ssl"]
    assert isinstance(context, ssl.SSLContext)
    return context


def test_each_tls_mode_verifies_what_libpq_does(tmp_path: Path) -> None:
    """`require` nothing but with a CA, `verify-ca` the certificate, `verify-full` the host name as well."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    root = f"&sslrootcert={tmp_path}/ca.pem"
    found = {
        query: (context.verify_mode, context.check_hostname)
        for query in ("require", "require" + root, "verify-ca" + root, "verify-full" + root, "verify-full")
        for context in [tls(f"{SERVER}?sslmode={query}")]
    }
    assert list(found.values()) == [
        (ssl.CERT_NONE, False),
        (ssl.CERT_REQUIRED, False),
        (ssl.CERT_REQUIRED, False),
        (ssl.CERT_REQUIRED, True),
        (ssl.CERT_REQUIRED, True),
    ]
    assert tls(f"{SERVER}?sslmode=verify-ca{root}").cert_store_stats()["x509_ca"] == 1


def test_parameters_that_the_driver_does_not_know_are_kept_from_it() -> None:
    """What it knows stays in the URL."""
    url = make_url(f"{SERVER}?sslmode=require&application_name=x&target_session_attrs=any&host=other")
    assert without_our_parameters(url).query == {"target_session_attrs": "any", "host": "other"}
