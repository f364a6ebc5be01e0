"""Liveness: apart from readiness, and from what others do."""

from typing import Any

import pytest

from harness.tests.contracts.deployments import LISTENING, container, service, told, workload

HOST = {"env": [{"name": "DB_HOST", "value": "db"}, {"name": "OWN", "value": "localhost"}]}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["nc", "-z", "db", "5432"], False),
        (["nc", "-z", "db.shop-prod1.svc.cluster.local", "5432"], False),
        (["nc", "-z", "other-db", "5432"], True),
        (["nc", "-z", "api.db", "5432"], True),
        (["sh", "-c", "pg_isready -h $DB_HOST"], False),
        (["sh", "-c", "pg_isready -h ${DB_HOST}"], False),
        (["pg_isready", "--host=$(DB_HOST)"], False),
        (["sh", "-c", "pg_isready -h $OWN"], True),
        (["curl", "-f", "http://db-api:8080/live"], True),
        (["curl", "-f", "http://db:8080/live"], False),
    ],
)
def test_command_names_another_service(command: list[str], expected: bool) -> None:  # noqa: FBT001 - a table
    """By its whole name, with a namespace or without, or by a variable that has it; not by a part of another."""
    app = workload("Pod", container("db-api", livenessProbe={"exec": {"command": command}}, **HOST))
    assert told("liveness_asks_no_dependency", app, service("db-api", 8080), service("db", 5432)) == [expected]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"path": "/", "port": 8080}, [False]),
        ({"port": "http", "scheme": "HTTP"}, [False]),
        ({"path": "/live", "port": "http"}, []),
        ({"path": "/", "port": "http", "scheme": "HTTPS"}, []),
    ],
)
def test_same_question_may_be_written_in_another_way(asked: dict[str, Any], expected: list[bool]) -> None:
    """A port has a name and a number, and what is left out has a default."""
    probes = {
        "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
        "livenessProbe": {"httpGet": asked, "failureThreshold": 1},
    }
    assert told(
        "liveness_is_more_patient_than_readiness", workload("Pod", container("app", **LISTENING, **probes))
    ) == (expected)
