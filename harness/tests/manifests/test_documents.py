"""What is read of a YAML text, and what is said of the rest of it."""

from seatrial.manifests.documents import Document, Unreadable, read

SOUND = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sound}\n"


def test_template_that_was_not_rendered_is_told_as_one() -> None:
    """Its line is named and what to type, and the document behind it is read."""
    template = "kind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}\n---\n"
    unreadable, document = read(template + SOUND)
    assert isinstance(unreadable, Unreadable)
    assert unreadable.line == 3
    assert "helm template" in unreadable.words
    assert isinstance(document, Document)


def test_text_that_is_no_yaml_for_another_reason_is_no_template() -> None:
    """It says what is wrong with it, though there are braces elsewhere."""
    (unreadable,) = read("a: '{{'\nkind: [\n---\n")
    assert isinstance(unreadable, Unreadable)
    assert "helm" not in unreadable.words
