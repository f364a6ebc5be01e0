"""Secrets in the open: what is one, and what only has such a name."""

import pytest

from harness.tests.contracts.deployments import container, told, workload

CONTRACT = "secrets_are_not_in_the_open"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABASE_URL", "postgresql://$(DB_USER):$(DB_PASSWORD)@db:5432/shop", True),
        ("app.yaml", "url: postgresql://${DB_USER}:${DB_PASSWORD}@db/shop", True),
        ("DATABASE_URL", "postgresql://shop:hunter2@db:5432/shop", False),
        ("REDIS_URL", "redis://:hunter2@redis:6379/0", False),
        ("REDIS_PASSWORD", "$(SHARED_PASSWORD)", True),
        ("REDIS_PASSWORD", "hunter2", False),
        ("DB_PASS", "hunter2", False),
        ("BYPASS", "localhost", True),
        ("MYSQL_PWD", "hunter2", False),
        ("DB_PASSWORD", "12345678", False),
        ("ALLOW_EMPTY_PASSWORD", "yes", True),
        ("MAX_TOKENS", "4096", True),
        ("JWT_TOKEN_LIFETIME", "15m", True),
        ("ACCESS_TOKEN_EXPIRES_IN", "1h", True),
        ("PASSWORD_HASHER", "argon2", True),
        ("AUTH_TOKEN_HEADER", "X-Auth-Token", True),
        ("SECRETS_BACKEND", "vault", True),
        ("TLS_SECRET", "shop-tls", True),
        ("CLIENT_SECRET", "hunter2", False),
        ("SECRET_KEY_BASE", "hunter2", False),
        ("password-policy.json", '{"minLength": 12}', True),
        ("app.properties", "spring.datasource.user=shop\nspring.datasource.password=hunter2", False),
        ("app.properties", "spring.datasource.password=${DB_PASSWORD}\nlogin.password=Passwort", True),
    ],
)
def test_entry_is_a_secret_by_its_name_and_value(name: str, value: str, expected: bool) -> None:  # noqa: FBT001
    """A reference is none, nor is what is said about a secret; its name ends in what it is."""
    found = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {name: value}}
    assert told(CONTRACT, found) == [expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--require-token=true"], True),
        (["--image-pull-secret=regcred"], True),
        (["psql", "--no-password", "shop"], True),
        (["--use-token", "serve"], True),
        (["--csrf-token=true", "serve"], True),
        (["--password=$(DB_PASSWORD)"], True),
        (["--token", "${TOKEN}"], True),
        (["--db=postgres://$(USER):$(PASSWORD)@db/shop"], True),
        (["--password", "-v"], True),
        (["--password", "hunter2"], False),
        (["--db-password=hunter2"], False),
        (["--db=postgres://shop:hunter2@db/shop"], False),
    ],
)
def test_argument_is_a_secret_by_its_option(words: list[str], expected: bool) -> None:  # noqa: FBT001
    """A switch takes no secret, whatever word comes next."""
    assert told(CONTRACT, workload("Pod", container("app", args=words))) == [expected]
