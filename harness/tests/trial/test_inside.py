"""What was written outside of volumes: by what is there now, on the root and where podman alone lets write."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from harness.tests.trial.synthetic import subject
from seatrial.trial.inside import on_root, on_tmpfs


class Rooted:
    """Processes whose root is a directory, in which nothing is mounted."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def root(self, path: str) -> Path:
        """Return a path in it."""
        return self.path / path.lstrip("/")

    def mounts(self) -> set[str]:
        """Return none."""
        return set()


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a root with one of each kind in its /tmp."""
    tmp = tmp_path / "tmp"
    (tmp / "directory").mkdir(parents=True)
    (tmp / "file").touch()
    (tmp_path / "run").symlink_to(tmp)  # of the host, as a link in an image may seem to be
    (tmp / "link").symlink_to("/nowhere")
    os.mkfifo(tmp / "fifo")
    monkeypatch.chdir(tmp)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    return Rooted(tmp_path)


WRITTEN = ["/tmp/fifo", "/tmp/file", "/tmp/link", "/tmp/socket"]  # noqa: S108 - in the container


def test_all_but_directories_count_where_podman_alone_lets_write(seen: Any) -> None:
    """A directory may be the image's, which podman copies there; what the manifests mount is a volume's."""
    assert sorted(on_tmpfs(seen, subject())) == WRITTEN
    assert on_tmpfs(seen, subject(securityContext={})) == []
    mounted = [{"name": "scratch", "mountPath": path} for path in WRITTEN[1:]]
    assert on_tmpfs(seen, subject(volumeMounts=mounted)) == WRITTEN[:1]


def test_all_but_directories_count_on_the_root(seen: Any) -> None:
    """What was there and is not any more is nothing that it keeps; what the image had and lacks is a change."""
    changed = [f"A {path}" for path in [*WRITTEN, "/tmp/directory", "/tmp/gone"]]  # noqa: S108 - as above
    assert sorted(on_root(seen, ["C /tmp", *changed])) == WRITTEN
    assert on_root(seen, ["D /etc/motd"]) == ["/etc/motd"]
