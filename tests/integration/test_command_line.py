"""The command line: exit codes, and one message for a user's mistake."""

from pathlib import Path

import pytest

from tests.integration.service import running

FORK = """
import sys
from contextlib import asynccontextmanager
from app.__main__ import main
from app.serving import gunicorn

create_app = gunicorn.create_app

@asynccontextmanager
async def failing(app):
    raise RuntimeError("no lifespan today")
    yield

def fork(*arguments):
    app = create_app(*arguments)
    {addition}
    return app

gunicorn.create_app = fork
sys.exit(main(["serve"]))
"""


async def test_bad_setting_ends_with_78_and_one_message(tmp_path: Path) -> None:
    """No traceback, nothing logged before it, and all that is wrong at once."""
    async with running(tmp_path, "serve", APP_LAME_DUCK_SECONDS="soon", APP_DRAIN_SECOND="1") as service:
        assert await service.exit_code() == 78
    assert service.lines == [
        "cannot start, bad settings:\n",
        "  APP_DRAIN_SECOND: no such setting; did you mean APP_DRAIN_SECONDS?\n",
        "  APP_LAME_DUCK_SECONDS: given 'soon'; allowed: a valid number, unable to parse string as a number\n",
    ]


async def test_migration_refuses_bad_settings_as_the_service_does(tmp_path: Path) -> None:
    """The init container fails first, with the same message."""
    async with running(tmp_path, "migrate", APP_DATABASE_URL="") as service:
        assert await service.exit_code() == 78
    assert "APP_DATABASE_URL" in service.lines[1]


@pytest.mark.parametrize("arguments", [(), ("sevre",), ("serve", "--port", "80")])
async def test_bad_command_line_ends_with_64_and_says_what_is_allowed(tmp_path: Path, arguments: tuple[str]) -> None:
    """One line, whatever was typed."""
    async with running(tmp_path, *arguments) as service:
        assert await service.exit_code() == 64
    assert len(service.lines) == 1
    assert "allowed: serve, migrate" in service.lines[0]


async def test_start_fails_when_the_port_is_taken(tmp_path: Path) -> None:
    """A service that cannot listen does not linger."""
    async with running(tmp_path, "serve") as first:
        await first.until_ready()
        async with running(tmp_path, "serve", APP_PORT=str(first.port)) as second:
            assert await second.exit_code() == 1
            assert any("in use" in line["event"] for line in second.events())


async def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    """Every start runs the init container; only the first has work."""
    for _ in range(2):
        async with running(tmp_path, "migrate") as service:
            assert await service.exit_code() == 0
    assert not [line for line in service.events() if "Running upgrade" in line["event"]]


async def test_exec_probe_succeeds_when_the_endpoint_does(tmp_path: Path) -> None:
    """0 for an answer below 400."""
    async with running(tmp_path, "serve") as service:
        await service.until_ready()
        async with running(tmp_path, f"{service.url}/health/live", module="app.probe") as probe:
            assert await probe.exit_code() == 0


async def test_exec_probe_fails_when_the_endpoint_does(tmp_path: Path) -> None:
    """1 for an error, and for nobody there."""
    async with running(tmp_path, "serve") as service:
        await service.until_ready()
        async with running(tmp_path, f"{service.url}/nowhere", module="app.probe") as probe:
            assert await probe.exit_code() == 1
    async with running(tmp_path, f"{service.url}/health/live", module="app.probe") as probe:
        assert await probe.exit_code() == 1
    assert "refused" in probe.lines[0]


async def test_exec_probe_refuses_what_is_no_url(tmp_path: Path) -> None:
    """64 and its usage."""
    async with running(tmp_path, "8000", module="app.probe") as probe:
        assert await probe.exit_code() == 64
    assert probe.lines[0].startswith("usage:")


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ("app.router.add_event_handler('startup', print)", "on_event and add_event_handler have no effect"),
        ("app.router.lifespan_context = failing", "no lifespan today"),
    ],
)
async def test_application_that_cannot_start_ends_the_service(tmp_path: Path, addition: str, message: str) -> None:
    """Not worker after worker for ever: the message once, and an exit code that restarts the container."""
    (tmp_path / "fork.py").write_text(FORK.format(addition=addition))
    paths = f"{tmp_path}:{Path(__file__).parents[2]}"
    async with running(tmp_path, "serve", module="fork", PYTHONPATH=paths, WEB_CONCURRENCY="1") as service:
        assert await service.exit_code() == 3
    assert service.printed(message) >= 1
    assert service.printed("Booting worker") == 1
