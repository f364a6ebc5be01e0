"""Settings: fail-fast, with one readable message."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app import secret_files
from app.settings import BadSettingsError, Settings, load_settings, variable
from tests.settings import settings_of

URL = "sqlite+aiosqlite:///test.db"
EXAMPLE = Path(__file__).parents[3] / ".env.example"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return an environment with the one required variable."""
    monkeypatch.setenv("APP_DATABASE_URL", URL)
    return monkeypatch


def test_settings_load_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    """A variable with the prefix sets its field."""
    environment.setenv("APP_LAME_DUCK_SECONDS", "3.5")
    assert load_settings().lame_duck_seconds == 3.5


def test_settings_are_frozen(environment: pytest.MonkeyPatch) -> None:
    """Nothing changes a setting after the start."""
    del environment
    settings = load_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_missing_setting_stops_the_start() -> None:
    """The message names the variable, and the file that may hold it."""
    with pytest.raises(BadSettingsError, match=r"APP_DATABASE_URL: missing; .*/run/secrets/app/APP_DATABASE_URL"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("APP_LAME_DUCK_SECONDS", "abc", r"APP_LAME_DUCK_SECONDS: given 'abc'; allowed: a valid number"),
        ("APP_LAME_DUCK_SECONDS", "-1", r"given '-1'; allowed: greater than or equal to 0"),
        ("APP_LAME_DUCK_SECONDS", "nan", r"APP_LAME_DUCK_SECONDS: given 'nan'; allowed: "),
        ("APP_PORT", "99999", r"APP_PORT: given '99999'; allowed: less than or equal to 65535"),
        (
            "APP_HOST",
            "0.0.0.0:8000",
            r"APP_HOST: given '0.0.0.0:8000'; allowed: an IP address, .* or a host name; no port",
        ),
        ("APP_HOST", "fe80::1%eth0", r"APP_HOST: given 'fe80::1%eth0'; allowed: an IP address"),
        ("APP_HOST", "", r"APP_HOST: given ''; allowed: an IP address"),
        ("APP_LOG_FORMAT", "xml", r"APP_LOG_FORMAT: given 'xml'; allowed: 'auto', 'json' or 'console'"),
        ("APP_ALLOWED_ORIGINS", "example.com", r"given 'example.com'; allowed: origins as scheme://host"),
        ("APP_TRUSTED_HOSTS", "https://a.example", r"given 'https://a.example'; allowed: host names without a port"),
        ("APP_TRUSTED_HOSTS", "a.*.example", r"given 'a\.\*\.example'; allowed: host names"),
        ("APP_ROOT_PATH", "notes", r"APP_ROOT_PATH: given 'notes'; allowed: a path such as /notes"),
        ("APP_ROOT_PATH", "/notes/", r"APP_ROOT_PATH: given '/notes/'; allowed: .* without a slash at its end"),
        ("APP_ROOT_PATH", "/api", r"APP_ROOT_PATH: given '/api'; allowed: .* not below /api, /docs"),
        ("APP_TRUSTED_PROXIES", "10.0.0.1/8", r"given '10.0.0.1/8'; allowed: IP addresses and networks"),
        ("APP_TRUSTED_PROXIES", "*", r"APP_TRUSTED_PROXIES: given '\*'; allowed: IP addresses"),
        (
            "APP_REQUEST_TIMEOUT_SECONDS",
            "10",
            r"APP_REQUEST_TIMEOUT_SECONDS \(10\) must be at least 0.5 s less than APP",
        ),
        ("WEB_CONCURRENCY", "0", r"WEB_CONCURRENCY: given '0'; allowed: greater than or equal to 1"),
        ("APP_MAX_REQUESTS_JITTER", "5", r"APP_MAX_REQUESTS_JITTER needs APP_MAX_REQUESTS above 0"),
        ("APP_MIGRATION_WAIT_SECONDS", "1", r"APP_MIGRATION_WAIT_SECONDS 1 must hold .*_CONNECT_TIMEOUT_SECONDS 2"),
        ("APP_DRAIN_SECOND", "5", r"APP_DRAIN_SECOND: no such setting; did you mean APP_DRAIN_SECONDS\?"),
    ],
)
def test_bad_value_stops_the_start(environment: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    """The message names the variable, what was given, and what is allowed."""
    environment.setenv(name, value)
    with pytest.raises(BadSettingsError, match=message):
        load_settings()


def test_all_bad_values_are_in_one_message(environment: pytest.MonkeyPatch) -> None:
    """Nobody has to fix one value to learn of the next."""
    environment.setenv("APP_PORT", "0")
    environment.setenv("APP_DRAIN_SECONDS", "0")
    with pytest.raises(BadSettingsError) as caught:
        load_settings()
    assert "APP_PORT" in str(caught.value)
    assert "APP_DRAIN_SECONDS" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://app:hunter2@db/app",
        "hunter2",
        "postgresql+asyncpg://app:hunter2",
        "postgresql+asyncpg://app:p@hunter2@db:abc/app",
    ],
)
def test_bad_database_url_is_never_shown(environment: pytest.MonkeyPatch, url: str) -> None:
    """A URL holds a password: the message says what is allowed and not what was given."""
    environment.setenv("APP_DATABASE_URL", url)
    with pytest.raises(BadSettingsError, match="begins with sqlite") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_good_database_url_is_never_shown() -> None:
    """A repr in a log or a traceback shows no password."""
    settings = settings_of(database_url="postgresql+asyncpg://app:hunter2@db/app")
    assert "hunter2" not in repr(settings)


def test_password_is_given_once(environment: pytest.MonkeyPatch) -> None:
    """Two passwords, one in the URL, are an error that shows neither."""
    environment.setenv("APP_DATABASE_URL", "postgresql+asyncpg://app:hunter2@db/app")
    environment.setenv("APP_DATABASE_PASSWORD", "hunter3")
    with pytest.raises(BadSettingsError, match="give one of them") as caught:
        load_settings()
    assert "hunter" not in str(caught.value)


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a directory in the place of /run/secrets, with an empty `app`."""
    directory = tmp_path / "secrets"
    (directory / "app").mkdir(parents=True)
    monkeypatch.setattr(secret_files, "SECRETS", directory)
    return directory


@pytest.mark.parametrize("path", ["app/APP_DATABASE_URL", "APP_DATABASE_URL", "other/APP_DATABASE_URL"])
def test_secret_file_sets_a_field(secrets: Path, path: str) -> None:
    """A mounted Secret's key is a setting: in the service's own directory, in another, or as podman mounts it."""
    (secrets / path).parent.mkdir(exist_ok=True)
    (secrets / path).write_text(URL + "\n")
    assert load_settings().database_url.get_secret_value() == URL


def test_secret_as_kubernetes_mounts_it_sets_a_field(secrets: Path) -> None:
    """By links to a directory whose name begins with dots, where the file is a second time."""
    data = secrets / "app" / "..2026_11_30"
    data.mkdir()
    (data / "APP_DATABASE_URL").write_text(URL)
    (secrets / "app" / "..data").symlink_to(data.name)
    (secrets / "app" / "APP_DATABASE_URL").symlink_to("..data/APP_DATABASE_URL")
    assert load_settings().database_url.get_secret_value() == URL


def test_environment_wins_over_a_secret_file(environment: pytest.MonkeyPatch, secrets: Path) -> None:
    """What is nearer to the process counts."""
    del environment
    (secrets / "app" / "APP_DATABASE_URL").write_text("sqlite+aiosqlite:///other.db")
    assert load_settings().database_url.get_secret_value() == URL


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "app/APP_DATABASE_PASWORD",
            r"app/APP_DATABASE_PASWORD: no such setting; did you mean APP_DATABASE_PASSWORD\?",
        ),
        ("app/database_password", r"app/database_password: no such setting; did you mean APP_DATABASE_PASSWORD\?"),
        ("APP_LOG_LEVLE", r"secrets/APP_LOG_LEVLE: no such setting; did you mean APP_LOG_LEVEL\?"),
        ("other/APP_XYZZY", r"other/APP_XYZZY: no such setting"),
    ],
)
def test_misspelt_secret_file_stops_the_start(
    environment: pytest.MonkeyPatch, secrets: Path, path: str, message: str
) -> None:
    """As a misspelt variable does: a password that is not read must not be a silent default."""
    del environment
    (secrets / path).parent.mkdir(exist_ok=True)
    (secrets / path).write_text("hunter2")
    with pytest.raises(BadSettingsError, match=message) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "path", ["tls/tls.key", "app/ca.crt", "password", "app/.APP_X", "kubernetes.io/serviceaccount/token"]
)
def test_other_secret_files_are_nobodys_mistake(environment: pytest.MonkeyPatch, secrets: Path, path: str) -> None:
    """What is not named like a setting is for somebody else."""
    del environment
    (secrets / path).parent.mkdir(exist_ok=True, parents=True)
    (secrets / path).write_text("x")
    load_settings()


def test_setting_in_two_files_is_an_error_if_they_differ(secrets: Path) -> None:
    """The message names both and shows neither."""
    (secrets / "app" / "APP_DATABASE_URL").write_text(URL)
    (secrets / "APP_DATABASE_URL").write_text(URL + "\n")
    assert load_settings().database_url.get_secret_value() == URL
    (secrets / "APP_DATABASE_URL").write_text("sqlite+aiosqlite:///hunter2.db")
    with pytest.raises(BadSettingsError, match=r"given in .*secrets/APP_.* and otherwise in .*/app/APP_") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_directory_in_place_of_a_secret_file_stops_the_start(environment: pytest.MonkeyPatch, secrets: Path) -> None:
    """What a runtime makes where the file to mount is missing."""
    del environment
    (secrets / "app" / "APP_DATABASE_PASSWORD").mkdir()
    with pytest.raises(BadSettingsError, match=r"APP_DATABASE_PASSWORD: Is a directory; allowed: a text file"):
        load_settings()


def test_secret_file_that_is_no_text_stops_the_start(secrets: Path) -> None:
    """A bad value like any other, and not shown."""
    (secrets / "app" / "APP_DATABASE_URL").write_bytes(b"\xff\xfehunter2")
    with pytest.raises(BadSettingsError, match="APP_DATABASE_URL: given something that is no UTF-8") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_misspelt_setting_in_dotenv_stops_the_start(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A typo in `.env` is no silent default either."""
    del environment
    (tmp_path / ".env").write_text("APP_PROT=1\n")
    with pytest.raises(BadSettingsError, match=r"APP_PROT: no such setting"):
        load_settings()


def test_origins_are_split_at_commas(environment: pytest.MonkeyPatch) -> None:
    """A list needs no JSON in a variable."""
    environment.setenv("APP_ALLOWED_ORIGINS", "https://a.example, http://localhost:3000")
    assert load_settings().allowed_origins == ("https://a.example", "http://localhost:3000")


def _example() -> dict[str, str]:
    """Return the example's variables, those that are commented out included."""
    lines = (line.removeprefix("# ") for line in EXAMPLE.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if line.split("=", 1)[0].isupper() and "=" in line)
    return {name: value for name, value in pairs if " " not in name}


def test_example_names_every_setting_and_no_other() -> None:
    """`.env.example` is complete."""
    assert set(_example()) == {variable(field) for field in Settings.model_fields}


def test_example_shows_the_defaults(environment: pytest.MonkeyPatch) -> None:
    """Copying `.env.example` changes nothing but the required values."""
    defaults = load_settings()
    # What is required, or derived from the rest, has no default to show.
    underived = {
        variable(name) for name, field in Settings.model_fields.items() if field.is_required() or field.default is None
    }
    for name, value in _example().items():
        if name not in underived:
            environment.setenv(name, value)
    assert load_settings() == defaults
