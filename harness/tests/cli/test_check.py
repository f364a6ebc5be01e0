"""`seatrial check` as it is typed."""

import json
import os
import subprocess
import sys
from pathlib import Path

from harness.tests.contracts.deployments import container, workload
from seatrial.manifests.kustomize import dump

LIMIT_SECONDS = 60.0
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n"
UNPINNED = dump([workload("Pod", container("app", image="app"))])


def checked(*arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Return what the command left."""
    return subprocess.run(
        (sys.executable, "-m", "seatrial", "check", *arguments),
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **env},
        timeout=LIMIT_SECONDS,
        check=False,
    )


def test_exit_codes_are_nothing_broken_something_broken_and_not_told() -> None:
    """The verdict is on stdout, and nothing else is said."""
    for stdin, code, said in (
        (CONFIG_MAP, 0, "nothing is broken\n"),
        (UNPINNED, 1, "broken: "),
        ("", 2, "not proven: "),
    ):
        found = checked("-", stdin=stdin)
        assert (found.returncode, found.stderr) == (code, "")
        assert found.stdout.startswith(said)


def test_severity_is_the_threshold() -> None:
    """What only weakens a service fails, unless it is said not to."""
    assert checked("-", "--severity", "error", stdin=UNPINNED).returncode == 0


def test_baseline_accepts_what_is_broken_today(tmp_path: Path) -> None:
    """And fails on what is new."""
    baseline = str(tmp_path / "baseline.json")
    written = checked("-", "--write-baseline", baseline, stdin=UNPINNED)
    assert (written.returncode, "places are accepted from now on" in written.stderr) == (0, True)
    assert checked("-", "--baseline", baseline, stdin=UNPINNED).returncode == 0
    new = UNPINNED + "---\n" + dump([workload("Pod", container("new", image="new"))])
    found = checked("-", "--baseline", baseline, stdin=new)
    assert found.returncode == 1
    assert "Pod new" in found.stdout
    assert "Pod app, container app" not in found.stdout


def test_mistakes_are_told_in_a_line(tmp_path: Path) -> None:
    """Of what was typed, with what may be; and of what stands on an object."""
    pod = workload("Pod", container("app"))
    pod["metadata"]["annotations"] = {"seatrial.dev/exempt.yaml.images-are-pinned": ""}
    for arguments, stdin, said in (
        ([], "", "Missing argument 'PATH...|-'"),
        (["-", "--for", "docker"], "", "'docker' is not one of 'cluster', 'podman'"),
        (["-", "--format", "xml"], CONFIG_MAP, "--format: given 'xml'; allowed: text"),
        (["-", "--baseline", str(tmp_path / "none")], CONFIG_MAP, "--write-baseline makes one"),
        (["-"], dump([pod]), "must say why; given: ''"),
    ):
        found = checked(*arguments, stdin=stdin)
        assert (found.returncode, found.stdout) == (2, "")
        assert said in found.stderr
        assert len(found.stderr.splitlines()) == 1


def test_several_formats_in_one_run(tmp_path: Path) -> None:
    """One to a file, one to stdout."""
    found = checked("-", "--format", f"json={tmp_path / 'out.json'}", "--format", "markdown", stdin=UNPINNED)
    assert found.stdout.startswith("## Seatrial: broken")
    assert json.loads((tmp_path / "out.json").read_text())["counts"]["broken"] > 0


def test_neither_podman_nor_a_cluster_is_imported() -> None:
    """What it does not need, it does not wait for."""
    heavy = (
        "kr8s",
        "httpx",
        "pydantic",
        "jsonschema",
        "seatrial.podman",
        "seatrial.cluster",
        "seatrial.traffic.clients",
    )
    code = (
        "import sys; from seatrial.cli import main; main(['check', '-']);"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    found = subprocess.run(
        (sys.executable, "-c", code), input=UNPINNED, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=True
    )
    assert found.stdout.splitlines()[-1] == "[]"
