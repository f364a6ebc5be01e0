"""Ports that a pod maps for the Services that lead to it."""

from pathlib import Path

import pytest

from seatrial.errors import ToolMissingError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.mapped_ports import annotate, mapped_ports
from seatrial.podman.mapping import nft, rules


def test_ports_are_read_as_they_were_annotated() -> None:
    """A workload without any maps none."""
    workload: Object = {"metadata": {"name": "db"}}
    assert mapped_ports(workload) == {}
    annotate(workload, {80: 8080, 5432: 6432})
    assert mapped_ports(workload) == {80: 8080, 5432: 6432}


def test_rules_take_the_place_of_those_before() -> None:
    """The table is deleted first, and made before so that there is one to delete."""
    lines = rules({80: 8080}).splitlines()
    assert lines[:3] == ["table ip seatrial", "delete table ip seatrial", "table ip seatrial {"]
    assert [line.strip() for line in lines if "redirect" in line] == ["tcp dport 80 redirect to :8080"]


def test_missing_nft_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what needs it; where there is one, it is found without /usr/sbin in PATH."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("seatrial.podman.mapping.SYSTEM_PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="`nft` is not installed: a Service"):
        nft()
    (tmp_path / "nft").touch(0o755)
    assert nft() == str(tmp_path / "nft")
