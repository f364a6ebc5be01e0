"""Connections as clusters have them, to the simulated API server: TLS, an authority, a client's certificate."""

import base64
import ssl
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from harness.tests.cluster.simulation.server import TOKEN, ApiServer, serving
from seatrial.cluster import kubeconfig
from seatrial.cluster.api import connected
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import ClusterError
from seatrial.host.ports import HOST
from seatrial.manifests.kustomize import Object
from seatrial.traffic.certificate import made_up


@pytest.fixture
async def file(server: ApiServer, tmp_path: Path) -> AsyncIterator[Path]:
    """Yield a kubeconfig for a server that asks for the client's certificate; everything is in it as data."""
    theirs, ours = made_up(HOST), made_up("me")
    paths = {name: tmp_path / name for name in ("server.crt", "server.key", "client.crt")}
    for path, pem in zip(paths.values(), (theirs.chain, theirs.key, ours.authority), strict=True):
        path.write_bytes(pem)
    tls = {
        "ssl_certfile": paths["server.crt"],
        "ssl_keyfile": paths["server.key"],
        "ssl_ca_certs": str(paths["client.crt"]),
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
    }
    async with serving(server, **tls) as url:

        def encoded(data: bytes) -> str:
            return base64.b64encode(data).decode()

        user = {
            "token": TOKEN,
            "client-certificate-data": encoded(ours.chain),
            "client-key-data": encoded(ours.key),
        }
        content = {
            "contexts": [{"name": name, "context": {"cluster": name, "user": "me"}} for name in ("good", "distrusted")],
            "clusters": [
                {"name": "good", "cluster": {"server": url, "certificate-authority-data": encoded(theirs.authority)}},
                {
                    "name": "distrusted",
                    "cluster": {"server": url, "certificate-authority-data": encoded(ours.authority)},
                },
            ],
            "users": [{"name": "me", "user": user}],
        }
        path = tmp_path / "config"
        path.write_text(yaml.safe_dump(content))
        yield path


async def test_certificates_of_the_kubeconfig_are_used_and_leave_no_file_behind(
    file: Path, objects: list[Object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls, watches and exec, all over TLS; the key is on the disk only as long as the connection is open."""
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    runtime = ClusterRuntime(kubeconfig.find("good", [file]), {}, lambda _: None)
    async with runtime.deployed(objects) as deployment:
        assert list(elsewhere.iterdir())
        await deployment.pod.until_ready(20.0)
        assert (await deployment.pod.exec(("true",))).returncode == 0
    assert not list(elsewhere.iterdir())


async def test_server_with_another_certificate_is_not_talked_to(file: Path) -> None:
    """The context's own authority is the only one that counts."""
    with pytest.raises(ClusterError, match=r"connecting to https://.*CERTIFICATE_VERIFY_FAILED"):
        async with connected(kubeconfig.find("distrusted", [file])):
            pass
