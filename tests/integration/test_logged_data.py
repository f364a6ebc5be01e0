"""What fails is logged with its traceback, and without the users' data that was in the statement or the model."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.integration.failing import KINDS, MARKER
from tests.integration.service import Service, migrated, running


@pytest.fixture(params=["json", "console"])
async def service(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """Yield a service that logs all that it can."""
    variables = {"APP_LOG_LEVEL": "debug", "APP_LOG_FORMAT": request.param}
    await migrated(tmp_path)
    async with running(tmp_path, "serve", module="tests.integration.forked", **variables) as started:
        await started.until_ready()
        yield started


async def test_no_failure_leaves_users_data_in_the_logs(service: Service) -> None:
    """For each kind of failure: 500, a traceback that names the fault, and no value anywhere."""
    async with httpx.AsyncClient(base_url=service.url) as client:
        for number, kind in enumerate([*KINDS, "answer"], 1):
            assert (await client.post(f"/fork/fail/{kind}")).status_code == 500, kind
            await service.until_printed("unhandled error", number)
        assert (await client.post("/fork/fail/forgotten")).status_code == 200
        await service.until_printed("Task exception was never retrieved")
        assert (await client.post("/api/v1/notes", json={"title": MARKER, MARKER: MARKER})).status_code == 422
        assert (await client.post("/api/v1/notes", json={"title": MARKER})).status_code == 201
        assert (await client.post("/api/v1/notes", json={"title": MARKER})).status_code == 409
    for told in (
        "Traceback (most recent call last):",
        "UNIQUE constraint failed: notes.title",
        "[SQL: INSERT INTO notes",
        "await session.commit()",
        "The above exception was the direct cause of the following exception:",
        "RuntimeError: the note is not there",
        "Out does not validate: int_parsing",
    ):
        assert service.printed(told), told
    assert [line for line in service.lines if MARKER in line] == []
