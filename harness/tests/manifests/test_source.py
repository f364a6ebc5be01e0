"""Where rendered objects come from: the file and the line of what stands in bases, components, patches and texts."""

from pathlib import Path

import pytest

from seatrial.errors import RenderError
from seatrial.manifests.kustomize import render
from seatrial.manifests.source import Position, Rendered, rendered

BASE = """# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: first
          image: one
        - name: second
          image: two
          env:
            - name: A
              value: "1"
"""
PATCH = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: second
          command: [serve]
        - name: third
          image: three
"""
CONTAINERS = ("spec", "template", "spec", "containers")


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """Return an overlay with a prefix, over a base, a component that patches, and a ConfigMap that is generated."""
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": BASE,
        "part/kustomization.yaml": (
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - path: patch.yaml\n"
        ),
        "part/patch.yaml": PATCH,
        "overlay/kustomization.yaml": (
            "namePrefix: my-\nresources: [../base]\ncomponents: [../part]\n"
            "configMapGenerator:\n  - name: other\n    literals: [a=b]\n  - name: settings\n    literals: [a=b]\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "overlay"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "base/web.yaml:2"),
        ((*CONTAINERS, 0, "image"), "base/web.yaml:11"),
        ((*CONTAINERS, 1, "env", 0, "value"), "base/web.yaml:16"),
        ((*CONTAINERS, 1, "command"), "part/patch.yaml:10"),
        ((*CONTAINERS, 2, "image"), "part/patch.yaml:12"),
        ((*CONTAINERS, 2, "resources"), "part/patch.yaml:11"),
        ((*CONTAINERS, 1, "resources"), "base/web.yaml:12"),
        (("spec", "replicas"), "base/web.yaml:6"),
        (("apiVersion",), "base/web.yaml:2"),
    ],
)
async def test_field_is_named_where_it_was_written(overlay: Path, path: tuple[str | int, ...], place: str) -> None:
    """In the base, or in the component's patch that gave it; what nobody wrote, where it would be."""
    found = await rendered(overlay)
    (deployment,) = (each for each in found.objects if each["kind"] == "Deployment")
    names = [each["name"] for each in deployment["spec"]["template"]["spec"]["containers"]]
    wanted = [names.index(name) for name in ("first", "second", "third")]
    steps = [wanted[int(step)] if at == len(CONTAINERS) else step for at, step in enumerate(path)]
    position = found.position(deployment, steps)
    assert position
    assert f"{Path(position.file).relative_to(overlay.parent.resolve())}:{position.line}" == place


async def test_generated_object_is_named_where_its_generator_stands(overlay: Path) -> None:
    """Its name has a hash behind it, and a prefix before it."""
    found = await rendered(overlay)
    lines = {
        each["metadata"]["name"][:5]: found.position(each) for each in found.objects if each["kind"] != "Deployment"
    }
    assert {name: place and place.line for name, place in lines.items()} == {"my-ot": 5, "my-se": 7}


async def test_objects_are_what_they_are_without_origins(overlay: Path) -> None:
    """No annotation is left of it, and nothing is written into the user's directories."""
    before = sorted(overlay.parent.rglob("*"))
    assert (await rendered(overlay)).objects == await render(overlay)
    assert sorted(overlay.parent.rglob("*")) == before


async def test_broken_overlay_is_told_in_the_tools_words(overlay: Path) -> None:
    """And of the directory that was given, not of one that was made."""
    (overlay / "kustomization.yaml").write_text("resources: [missing.yaml]\n")
    with pytest.raises(RenderError, match=r"(?s)missing\.yaml") as caught:
        await rendered(overlay)
    assert "seatrial-origins" not in str(caught.value)


def test_text_has_lines_across_documents_lists_and_broken_documents() -> None:
    """One document that cannot be read keeps none of the others from being read."""
    found = Rendered("x")
    found.add_text(
        "kind: A\nmetadata: {name: a}\n---\nkind: [\n---\nkind: List\nitems:\n- kind: B\n  metadata:\n    name: b\n"
        "---\n# nothing\n---\nname: no object\n",
        "x.yaml",
    )
    a, b = found.objects
    assert (found.position(a), found.position(b)) == (Position("x.yaml", 1), Position("x.yaml", 8))
    assert found.position(b, ("metadata", "name")) == Position("x.yaml", 10)
    assert found.position({}) is None
    assert [each.position.line for each in found.problems] == [5, 14]
