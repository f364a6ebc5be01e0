"""A fork under a name of its own keeps its proofs: `make rename`, and then its own tests."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fork.checkout import commit, done, run

NAMES = ("harborlog", "anchor", "harbor-log")
"""Of 9 letters; one that sorts before `postgres`; one that is no identifier."""
SUITES = ("tests/manifests", "tests/docs", "tests/unit/app", "tests/unit/images", "harness/tests/server")


def rename(directory: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Type what `make rename` does, once there are tools."""
    return run(directory, sys.executable, "-m", "fork", "rename", name)


@pytest.mark.parametrize("name", NAMES)
def test_renamed_fork_keeps_its_proofs(fork: Path, name: str) -> None:
    """Its style, its manifests' contracts and mutations, its documents and its unit tests, and uv's lock."""
    assert rename(fork, name).returncode == 0
    commit(fork, "Rename")
    for checked in ("ruff check", "ruff format --check", "seatrial check kustomize/overlays/podman-postgres"):
        done(fork, sys.executable, "-m", *checked.split())
    done(fork, sys.executable, "-m", "pytest", "-q", "--numprocesses", "2", "--dist", "loadfile", *SUITES)
    rendered = done(fork, sys.executable, "-m", "seatrial", "render", "kustomize/overlays/staging")
    assert "seatrial" not in rendered.replace("seatrial.dev/", "")
    assert f"namespace: {name}-staging" in rendered


def test_rename_refuses_what_it_could_not_take_back(fork: Path) -> None:
    """Changes that are not committed, a second name, and what is no name: one line, and nothing is changed."""
    (fork / "app" / "naming.py").write_text("mine")
    refused = rename(fork, "harborlog")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "1 files have changes that are not committed; commit them first" in refused.stderr
    done(fork, "git", "checkout", "--quiet", ".")
    assert rename(fork, "Harbor").returncode == 2
    assert done(fork, "git", "status", "--porcelain") == ""
    assert rename(fork, "harborlog").returncode == 0
    commit(fork, "Rename")
    again = rename(fork, "anchor")
    assert (again.returncode, "renamed before, to harborlog" in again.stderr) == (2, True)
    assert done(fork, "git", "status", "--porcelain") == ""


def test_later_change_of_the_original_merges_into_a_renamed_fork(fork: Path) -> None:
    """As docs/extending.md types it, where lines that have the name are changed; without renaming they conflict."""
    changed = ("docs/kubernetes.md", "k8s/kustomization.yaml", "quadlet/seatrial.kube", "k8s/service.yaml")
    done(fork, "git", "branch", "upstream")
    assert rename(fork, "harbor-log").returncode == 0
    commit(fork, "Rename")
    done(fork, "git", "branch", "renamed-upstream")
    (fork / "k8s" / "settings.env").write_text("APP_PORT=8001\n")
    commit(fork, "Own work")

    there = fork.parent / "upstream"
    done(fork, "git", "worktree", "add", "--quiet", str(there), "upstream")
    for path in changed:
        later = re.sub(r"^(.*seatrial.*)$", r"\1 # later", (there / path).read_text(), count=1, flags=re.MULTILINE)
        (there / path).write_text(later)
    commit(there, "Later")
    done(there, "git", "switch", "--quiet", "--detach")
    assert rename(there, "harbor-log").returncode == 0
    done(there, "git", "add", "--all")
    user = ("-c", "user.name=fork", "-c", "user.email=fork@example.com")
    tree = done(there, "git", "write-tree").strip()
    made = done(there, "git", *user, "commit-tree", "-p", "renamed-upstream", "-m", "Upstream, renamed", tree).strip()
    done(there, "git", "branch", "--force", "renamed-upstream", made)

    unrenamed = run(fork, "git", *user, "merge", "--no-edit", "upstream")
    assert unrenamed.stdout.count("CONFLICT") == len(changed), unrenamed.stdout
    done(fork, "git", "merge", "--abort")
    done(fork, "git", *user, "merge", "--no-edit", "renamed-upstream")
    assert (fork / "k8s" / "settings.env").read_text() == "APP_PORT=8001\n"
    assert "# later" in (fork / "quadlet" / "harbor-log.kube").read_text()
