"""What is checked: whatever is given is read, or named with its place."""

import io
import os
import shutil
from pathlib import Path

import pytest

from seatrial.check.inputs import read
from seatrial.manifests.source import Rendered

NOTHING = io.BytesIO()
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\n"


def write(directory: Path, files: dict[str, str]) -> None:
    """Write files by their names."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)


def names(given: list[Rendered]) -> list[list[str]]:
    """Return the names of the objects in each."""
    return [[found["metadata"]["name"] for found in each.objects] for each in given]


def problems(given: list[Rendered]) -> list[str]:
    """Return what could not be read."""
    return [str(problem) for each in given for problem in each.problems]


async def test_files_and_standard_input_are_deployed_together(tmp_path: Path) -> None:
    """As `kubectl apply` of all of them would; a byte order mark is no part of it."""
    write(tmp_path, {"a.yaml": CONFIG_MAP.format("a"), "b.yml": CONFIG_MAP.format("b")})
    stdin = io.BytesIO(b"\xef\xbb\xbf" + CONFIG_MAP.format("c").encode())
    given = await read([str(tmp_path / "a.yaml"), str(tmp_path / "b.yml"), "-"], stdin)
    assert (names(given), problems(given)) == ([["a", "b", "c"]], [])


async def test_directory_has_its_kustomizations_rendered_and_its_other_yaml_read(tmp_path: Path) -> None:
    """A base that an overlay takes is not judged by itself, a component never, and nothing is read twice."""
    write(
        tmp_path,
        {
            "plain/deep/a.yaml": CONFIG_MAP.format("plain"),
            "plain/compose.yaml": "services: {}\n",
            ".hidden/b.yaml": CONFIG_MAP.format("hidden"),
            "chart/Chart.yaml": "name: chart\n",
            "chart/templates/c.yaml": "{{ if }}",
            "base/kustomization.yaml": "resources: [d.yaml]\n",
            "base/d.yaml": CONFIG_MAP.format("d"),
            "part/kustomization.yaml": (
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {a: b}\n"
            ),
            "overlays/one/kustomization.yaml": "namePrefix: one-\nresources: [../../base]\ncomponents: [../../part]\n",
            "overlays/other/kustomization.yml": "namePrefix: other-\nresources: [../../base]\n",
            "overlays/other/patches/e.yaml": CONFIG_MAP.format("patch"),
        },
    )
    os.mkfifo(tmp_path / "plain/pipe.yaml")
    (tmp_path / "plain/link.yaml").symlink_to("nowhere")
    given = await read([str(tmp_path)], NOTHING)
    assert (sorted(names(given)), problems(given)) == ([["one-d"], ["other-d"], ["plain"]], [])


async def test_broken_document_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    """By file and line."""
    path = tmp_path / "a.yaml"
    path.write_text(f"{CONFIG_MAP.format('a')}---\nkind: ConfigMap\n  bad: indent\n---\n{CONFIG_MAP.format('b')}")
    given = await read([str(path)], NOTHING)
    assert names(given) == [["a", "b"]]
    (problem,) = problems(given)
    assert problem.startswith(f"{path}:6: is not YAML")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "a.yaml:1: it is empty; give Kubernetes objects as YAML"),
        (b"# a comment\n---\n", "a.yaml:1: it is empty"),
        (b"a\n\xff\xfe\x00", "a.yaml:2: it is no text in UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "a.yaml:1: is not YAML"),
        (b"services: {}\n", "a.yaml:1: document 1 is no Kubernetes object"),
        (b"a: {{ .Values.b }}\n", "a.yaml:1: "),
        (b"- " * 50_000, "too deep"),
    ],
)
async def test_file_that_is_none_of_kubernetes_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    """In one message."""
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    (problem,) = problems(await read([str(path)], NOTHING))
    assert words in problem


async def test_what_is_not_there_or_holds_nothing_is_named(tmp_path: Path) -> None:
    """Each of them, and the others are read."""
    files = {"a.yaml": CONFIG_MAP.format("a"), "empty/README.md": "", "chart/Chart.yaml": "name: chart\n"}
    write(tmp_path, files)
    given = await read([str(tmp_path / name) for name in ("a.yaml", "nowhere", "empty", "chart")], NOTHING)
    assert names(given) == [["a"]]
    nowhere, empty, chart = problems(given)
    assert f"it is a chart; `helm template {tmp_path / 'chart'} | seatrial check -`" in chart
    assert nowhere.endswith("nowhere:1: it cannot be read: No such file or directory")
    assert "there is no Kustomize directory and no YAML with Kubernetes objects in it" in empty


async def test_broken_kustomization_is_named_and_the_others_are_rendered(tmp_path: Path) -> None:
    """With the tool's own words."""
    write(
        tmp_path,
        {
            "good/kustomization.yaml": "configMapGenerator: [{name: a, literals: [b=c]}]\n",
            "bad/kustomization.yaml": "resources: [missing.yaml]\n",
        },
    )
    given = await read([str(tmp_path)], NOTHING)
    assert sum(map(len, names(given))) == 1
    (problem,) = problems(given)
    assert problem.startswith(str(tmp_path / "bad/kustomization.yaml"))
    assert "missing.yaml" in problem


async def test_kustomize_is_needed_for_its_directories_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it one line says so, and all else is read."""
    write(tmp_path, {"kustomization.yaml": "", "a.yaml": CONFIG_MAP.format("a")})
    monkeypatch.setattr(shutil, "which", lambda _: None)
    given = await read([str(tmp_path), str(tmp_path / "a.yaml")], NOTHING)
    assert sorted(names(given)) == [[], ["a"]]
    (problem,) = problems(given)
    assert "takes `kustomize` or `kubectl`; neither is installed" in problem
