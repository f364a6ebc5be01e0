"""The context: only one that is named and there is used; its keys are in files that go with the connection."""

import base64
import stat
from pathlib import Path

import pytest
import yaml

from seatrial.cluster import kubeconfig
from seatrial.errors import ClusterError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a kubeconfig with two contexts."""
    key = base64.b64encode(b"the key").decode()
    content = {
        "current-context": "production",
        "contexts": [
            {"name": "production", "context": {"cluster": "far", "user": "me"}},
            {"name": "trial", "context": {"cluster": "near", "user": "me"}},
            {"name": "torn", "context": {"cluster": "lost", "user": "me"}},
            {"name": "proxied", "context": {"cluster": "far"}},
        ],
        "clusters": [
            {"name": "far", "cluster": {"server": "https://far.example.com"}},
            {"name": "near", "cluster": {"server": "https://near.example.com", "certificate-authority": "ca.crt"}},
        ],
        "users": [{"name": "me", "user": {"client-key-data": key, "token": "it"}}],
    }
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(content))
    return path


def test_named_context_is_found_with_its_paths_made_absolute(file: Path) -> None:
    """Not the current one: the one that was named."""
    found = kubeconfig.find("trial", [file])
    assert found.server == "https://near.example.com"
    assert found.cluster["certificate-authority"] == str(file.parent / "ca.crt")


def test_context_may_do_without_a_user(file: Path) -> None:
    """Behind a proxy that has authenticated already."""
    assert kubeconfig.find("proxied", [file]).user == {}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            None,
            "name the context to run against, by --context NAME; the kubeconfig has production, proxied, torn, trial",
        ),
        ("", "name the context to run against"),
        ("other", "no context 'other'; the kubeconfig has production, proxied, torn, trial"),
        ("torn", "context 'torn' names the cluster 'lost', which the kubeconfig lacks"),
    ],
)
def test_context_that_is_not_named_or_not_there_is_refused(file: Path, name: str | None, message: str) -> None:
    """The current context is never a default, and the message tells those that there are."""
    with pytest.raises(ClusterError, match=message):
        kubeconfig.find(name, [file])


def test_missing_kubeconfig_is_told(tmp_path: Path) -> None:
    """There is none."""
    with pytest.raises(ClusterError, match="no context 'trial'; the kubeconfig has none"):
        kubeconfig.find("trial", [tmp_path / "none"])


def test_file_that_is_no_yaml_is_told_by_its_path(tmp_path: Path) -> None:
    """And not by a traceback."""
    path = tmp_path / "config"
    path.write_text("{")
    with pytest.raises(ClusterError, match=f"the kubeconfig {path} cannot be read"):
        kubeconfig.find("trial", [path])


def test_first_file_wins_as_for_kubectl(file: Path, tmp_path: Path) -> None:
    """KUBECONFIG may name several."""
    second = tmp_path / "second"
    second.write_text(file.read_text().replace("https://near.example.com", "https://other.example.com"))
    assert kubeconfig.find("trial", [file, second]).server == "https://near.example.com"


def test_keys_are_in_files_of_the_given_directory_for_their_owner_alone(file: Path, tmp_path: Path) -> None:
    """The client library would leave them behind in /tmp."""
    directory = tmp_path / "keys"
    directory.mkdir()
    (user,) = kubeconfig.find("trial", [file]).configuration(directory)["users"]
    path = Path(user["user"]["client-key"])
    assert path.read_bytes() == b"the key"
    assert path.parent == directory
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "client-key-data" not in user["user"]
