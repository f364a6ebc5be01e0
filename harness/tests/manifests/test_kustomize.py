"""Rendering, and what is said when it fails."""

from pathlib import Path

import pytest

from seatrial.errors import RenderError
from seatrial.manifests.kustomize import Object, dump, parse, render

CONFIG_MAP = "kind: ConfigMap\nmetadata: {name: a}\n"


def overlay(directory: Path, kustomization: str) -> Path:
    """Make an overlay with one resource and this kustomization."""
    (directory / "a.yaml").write_text(f"apiVersion: v1\n{CONFIG_MAP}")
    (directory / "kustomization.yaml").write_text(kustomization)
    return directory


async def test_render_builds_an_overlay(tmp_path: Path) -> None:
    """A directory is rendered by kustomize."""
    (rendered,) = await render(overlay(tmp_path, "resources: [a.yaml]\nnamePrefix: pre-\n"))
    assert rendered["metadata"]["name"] == "pre-a"


async def test_render_reads_a_plain_file(tmp_path: Path) -> None:
    """A file's documents are taken as they are, empty ones left out."""
    path = tmp_path / "pod.yaml"
    path.write_text(f"---\n{CONFIG_MAP}---\n---\n{CONFIG_MAP}")
    assert [found["kind"] for found in await render(path)] == ["ConfigMap", "ConfigMap"]


async def test_render_names_what_is_missing(tmp_path: Path) -> None:
    """Neither a missing path nor a directory without a kustomization gets as far as kustomize."""
    with pytest.raises(RenderError, match="nowhere cannot be read"):
        await render(tmp_path / "nowhere")
    with pytest.raises(RenderError, match="is no overlay: it has none of kustomization"):
        await render(tmp_path)


async def test_render_repeats_kustomizes_own_words_when_the_overlay_is_broken(tmp_path: Path) -> None:
    """A broken kustomization is told by the tool's message."""
    with pytest.raises(RenderError, match=r"(?s)exited 1:.*missing\.yaml"):
        await render(overlay(tmp_path, "resources: [missing.yaml]\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nkind: }", "(?s)source is not YAML.*line 2"),
        ("", "source has no objects"),
        (f"{CONFIG_MAP}---\nkind: ConfigMap\n", "document 2 is no Kubernetes object"),
        ("- a\n", "document 1 is no Kubernetes object"),
        ("kind: X\nmetadata: &m {name: a, annotations: *m}\n", "source is not YAML: it contains itself"),
        ("[" * 2000 + "]" * 2000, "source is not YAML: .* too deep"),
        ("- " * 200_000 + "a", "source is not YAML: .* too deep"),
        ("a: !!int foo", r"source is not YAML: a value does not fit its tag \(.*foo"),
        ("a: !!timestamp foo", "source is not YAML: a value does not fit its tag"),
        ("a: !!bool foo", "source is not YAML: a value does not fit its tag"),
    ],
)
def test_parse_says_what_is_wrong(text: str, message: str) -> None:
    """What is not a list of objects is refused with its place."""
    with pytest.raises(RenderError, match=message):
        parse(text, "source")


def test_dump_is_what_parse_reads() -> None:
    """Objects survive being written and read."""
    objects = parse(f"{CONFIG_MAP}---\n{CONFIG_MAP}", "source")
    assert parse(dump(objects), "source") == objects


@pytest.mark.parametrize("text", ["2026-02-30", "2026-02-03T10:00:00Z", "=", "<<", "22:30", "0x_", "12e45678", "1.2.3"])
def test_parse_reads_as_text_what_kubernetes_does(text: str) -> None:
    """YAML 1.1 has dates, a number to the base of 60 and a default value there."""
    (found,) = parse(f"{CONFIG_MAP}data: {{a: {text}}}", "source")
    assert found["data"] == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("0644", 420), ("0o17", 15), ("0x1F", 31), ("-3", -3), ("1_000", 1000), ("0.5", 0.5), ("1e5", 1e5), ("on", True)],
)
def test_parse_reads_as_a_number_or_a_boolean_what_kubernetes_does(text: str, value: object) -> None:
    """Some of them are texts in YAML 1.2, or in YAML 1.1."""
    (found,) = parse(f"{CONFIG_MAP}data: {{a: {text}}}", "source")
    assert found["data"] == {"a": value}


@pytest.mark.parametrize(
    "text", ["05990671", "1e5", "12e45678", "1.", ".5", "-08", "0o17", "017", "12", "true", "null"]
)
def test_dump_quotes_a_text_that_others_read_as_something_else(text: str) -> None:
    """Podman reads some as numbers that YAML 1.1 does not: a label of digits would be another's."""
    assert f"a: '{text}'" in dump([{"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": text}}])


@pytest.mark.parametrize("text", ["0599067g", "1e", "a1", "1.2.3", "10.89.0.1", "17-trixie"])
def test_dump_leaves_other_texts_as_they_are(text: str) -> None:
    """Quotes are for what needs them."""
    assert f"a: {text}\n" in dump([{"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": text}}])


def test_dump_leaves_numbers_numbers() -> None:
    """They come back as they were."""
    numbers = {"a": 5, "b": 0.5, "c": True, "e": 1e100}
    given: list[Object] = [{"kind": "X", "metadata": {"name": "x"}, "spec": numbers}]
    assert parse(dump(given), "dumped") == given


def test_null_is_no_field_and_a_list_is_its_items() -> None:
    """As the API server reads what a chart leaves empty, and what `kubectl get -o yaml` prints."""
    one = "{kind: X, metadata: {name: one, annotations: null}, spec: {env: null, args: [a], date: 2026-01-01}}"
    other = "{kind: Y, metadata: {name: other}}"
    assert parse(f"kind: List\nitems: [{one}, {other}]\n", "listed") == [
        {"kind": "X", "metadata": {"name": "one"}, "spec": {"args": ["a"], "date": "2026-01-01"}},
        {"kind": "Y", "metadata": {"name": "other"}},
    ]
    with pytest.raises(RenderError, match="listed: document 1, an item is no Kubernetes object"):
        parse("kind: List\nitems: [{kind: X}]\n", "listed")
    with pytest.raises(RenderError, match="listed: document 1, an item is no Kubernetes object"):
        parse("kind: List\nitems: [x]\n", "listed")
    with pytest.raises(RenderError, match="listed has no objects in it"):
        parse("kind: List\nitems: []\n", "listed")


def test_list_with_a_type_is_its_items_which_need_not_say_what_they_are() -> None:
    """As kubectl takes a DeploymentList; an item that says what it is is that, and one without a name is none."""
    one, other = "{metadata: {name: one}}", "{apiVersion: v1, kind: Secret, metadata: {name: other}}"
    assert parse(f"apiVersion: v1\nkind: ConfigMapList\nitems: [{one}, {other}]\n", "listed") == [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other"}},
    ]
    with pytest.raises(RenderError, match="listed: document 1, an item is no Kubernetes object"):
        parse("apiVersion: v1\nkind: ConfigMapList\nitems: [{data: {}}]\n", "listed")


def test_generated_name_has_what_stands_for_its_letters() -> None:
    """`kubectl create` takes it, and the server puts five letters behind it."""
    (job,) = parse("kind: Job\nmetadata: {generateName: migrate-}\n", "generated")
    assert job["metadata"] == {"generateName": "migrate-", "name": "migrate-xxxxx"}


def test_key_that_stands_there_twice_is_refused_with_both_lines() -> None:
    """What reads YAML takes the last one, and kubectl neither; keys that are merged in may come twice."""
    text = f"{CONFIG_MAP}data:\n  a: one\n  b: two\n  a: three\n"
    with pytest.raises(RenderError, match="twice: the key a stands there twice, before in line 4"):
        parse(text, "twice")
    assert parse(text.replace("  a: three\n", ""), "once")
    merged = "kind: X\nmetadata: {name: a}\nspec:\n  <<: {b: 1}\n  <<: {c: 2}\n"
    assert parse(merged, "merged")[0]["spec"] == {"b": 1, "c": 2}


@pytest.mark.parametrize("text", ["kind: X\t\nmetadata:\n  name: a\t\n", "kind:\tX\nmetadata: {name:\ta}\t# one\n"])
def test_tabs_are_space_between_what_is_not_indented_by_them(text: str) -> None:
    """As kubectl reads them; as indentation they are refused, there and here."""
    assert parse(text, "tabs") == [{"kind": "X", "metadata": {"name": "a"}}]
    with pytest.raises(RenderError, match="tabs is not YAML"):
        parse("kind: X\nmetadata:\n\tname: a\n", "tabs")
