"""Which Secrets are made up, and of what."""

import ssl
from pathlib import Path
from typing import Any

import yaml

from seatrial.manifests import credentials
from seatrial.manifests.kustomize import Object

MANIFESTS = """
{kind: Secret, metadata: {name: rendered}}
---
kind: Deployment
metadata: {name: app}
spec:
  template:
    spec:
      containers: [{name: web, image: image}]
      volumes:
      - {name: a, secret: {secretName: password, items: [{key: A, path: a}, {key: B, path: b}]}}
      - {name: b, secret: {secretName: rendered, items: [{key: A, path: a}]}}
      - {name: c, secret: {secretName: optional, optional: true, items: [{key: A, path: a}]}}
---
kind: Pod
metadata: {name: other}
spec:
  containers: [{name: other, image: image}]
  volumes: [{name: a, secret: {secretName: password, items: [{key: C, path: c}]}}]
"""


def made(**changes: Any) -> list[Object]:
    """Return what is made up for the manifests."""
    objects = list(yaml.safe_load_all(MANIFESTS))
    return credentials.missing(objects, changes.get("value", lambda secret, key: f"{secret}/{key}"))


def test_secret_that_pods_name_and_nothing_renders_is_made_with_every_key() -> None:
    """One Secret with the keys that all pods together ask for."""
    (secret,) = made()
    assert secret["metadata"] == {"name": "password"}
    assert secret["stringData"] == {"A": "password/A", "B": "password/B", "C": "password/C"}


def test_secret_that_is_rendered_or_optional_is_not_made() -> None:
    """What is there stays, and what need not be there is left out."""
    assert not {"rendered", "optional"} & {secret["metadata"]["name"] for secret in made()}


def test_secret_for_tls_is_a_certificate_for_this_machine_with_its_key(tmp_path: Path) -> None:
    """Servers refuse any other text, and do not start."""
    secret = {"secret": {"secretName": "tls", "items": [{"key": key, "path": key} for key in ("tls.crt", "tls.key")]}}
    pod = {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{}], "volumes": [secret]}}
    (made_up,) = credentials.missing([pod], credentials.random_value)
    for name, pem in made_up["stringData"].items():
        (tmp_path / name).write_text(pem)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")


def test_random_values_differ() -> None:
    """Each key and each time has a value of its own."""
    values = [value for _ in range(2) for value in made(value=credentials.random_value)[0]["stringData"].values()]
    assert len(set(values)) == 6
    assert all(len(value) >= 32 for value in values)


def test_values_of_a_run_are_the_same_again_and_differ_from_anothers() -> None:
    """A deployment on the volumes of the one before has its passwords."""
    first, again, other = (made(value=credentials.value_of_run(run)) for run in ("one", "one", "two"))
    assert first == again != other
