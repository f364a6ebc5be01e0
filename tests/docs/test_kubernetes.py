"""What the documents have a reader type on a cluster fits kubectl, the overlays and the components."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial import contracts as generic
from seatrial.command import Command
from seatrial.contracts import Overlay
from seatrial.host.ports import HOST, free_port
from seatrial.manifests import credentials
from seatrial.manifests.kustomize import Object, dump, render
from tests.docs.commands import DOCUMENTS, KUBERNETES, blocks, first_column, kubectl
from tests.docs.generated import ROOT
from tests.manifests.overlay import KUSTOMIZE, OVERLAYS, composed

TEXT = KUBERNETES.read_text()
COMMANDS = sorted({command for path in DOCUMENTS for command in kubectl(path.read_text())})
SHOWN = [yaml.safe_load(block) for block in blocks(TEXT, "yaml")]
KUSTOMIZATIONS = [found for found in SHOWN if found["kind"] == "Kustomization"]
SECRET = b'{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "seatrial-database"}}'
MANIFESTS = ("k8s", "kustomize")

CERTIFICATE = "openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -subj /CN=seatrial.example.com"

needs_kubectl = pytest.mark.skipif(
    not all(map(shutil.which, ("kubectl", "openssl"))), reason="needs kubectl, and openssl for a certificate"
)


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with what the commands name, and a server that is not there."""
    directory = tmp_path_factory.mktemp("place")
    server = {"cluster": {"server": f"http://{HOST}:{free_port()}"}, "name": "none"}
    context = {"context": {"cluster": "none"}, "name": "none"}
    (directory / "config").write_text(
        yaml.safe_dump({"kind": "Config", "clusters": [server], "contexts": [context], "current-context": "none"})
    )
    for name in MANIFESTS:
        (directory / name).symlink_to(ROOT / name)
    for name in ("password", "database-url"):
        (directory / name).touch()
    (await Command(tuple(CERTIFICATE.split()), cwd=directory).run()).check()
    return directory


async def typed(command: tuple[str, ...], directory: Path) -> str:
    """Return what kubectl says to a command."""
    done = await Command(command, cwd=directory, stdin=SECRET, env={"KUBECONFIG": str(directory / "config")}).run()
    return "done" if done.returncode == 0 else done.stderr


@needs_kubectl
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
async def test_command_gets_as_far_as_the_api_server(command: tuple[str, ...], place: Path) -> None:
    """Its words, flags and files are right: all that it lacks is a server, or it needs none."""
    said = await typed(command, place)
    assert said == "done" or "refused" in said


@needs_kubectl
@pytest.mark.parametrize(
    "command",
    [
        "kubectl apply --serverside -k kustomize/overlays/staging",
        "kubectl apply -k kustomize/overlays/stage",
        "kubectl rollout undoo deployment/seatrial",
        "kubectl create secret generic seatrial-database --from-file=APP_DATABASE_URL=url --dry-run=client",
    ],
)
async def test_command_that_is_wrong_does_not(command: str, place: Path) -> None:
    """The control: a flag, an overlay, a verb and a file that are not there."""
    said = await typed(tuple(command.split()), place)
    assert said != "done"
    assert "refused" not in said


def test_commands_are_found() -> None:
    """The control: those of a pipeline, without what is redirected."""
    text = "```console\n$ kubectl a > file\n$ printf '$(b)' | kubectl c -d 'e | f' # g\nkubectl h\n```\n"
    assert list(kubectl(text)) == [("kubectl", "a"), ("kubectl", "c", "-d", "e | f")]
    assert len(COMMANDS) > len(KUSTOMIZATIONS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_overlays_and_components_that_a_document_names_are_there(path: Path) -> None:
    """Every path below kustomize/ is one."""
    named = set(re.findall(r"kustomize/(?:overlays|components)/[\w-]+", path.read_text()))
    assert {name for name in named if not (ROOT / name).is_dir()} == set()


@pytest.mark.parametrize(("title", "folder"), [("overlay", "overlays"), ("component", "components")])
def test_table_has_what_there_is(title: str, folder: str) -> None:
    """Every overlay and every component has its row, and every row is of one."""
    assert first_column(TEXT, title) == {path.parent.name for path in (KUSTOMIZE / folder).glob("*/kustomization.yaml")}


@pytest.mark.parametrize("number", range(len(KUSTOMIZATIONS)))
async def test_overlay_that_is_shown_renders_and_holds_the_contracts(number: int, tmp_path: Path) -> None:
    """Who copies it has a deployment as good as ours."""
    for name in MANIFESTS:
        shutil.copytree(ROOT / name, tmp_path / name)
    (shown := tmp_path / "kustomize" / "overlays" / "shown").mkdir()
    (shown / "kustomization.yaml").write_text(yaml.safe_dump(KUSTOMIZATIONS[number]))
    overlay = Overlay("shown", await render(shown), "cluster")
    assert [str(check) for contract in generic.CONTRACTS for check in contract.breaches(overlay)] == []


async def test_numbers_are_those_of_the_manifests(tmp_path: Path) -> None:
    """A field that the text gives a number, as in `minReadySeconds: 10`, has it where everything is composed."""
    composition = await composed(tmp_path, "external-database", "autoscaling")
    fields = set(re.findall(r"(\w+): (\d+)$", dump(list(composition.objects)), re.MULTILINE))
    told = set(re.findall(r"`(\w+): (\d+)`", TEXT))
    assert told - fields == set()
    assert len(told) > 5


async def test_removal_leaves_the_volume_alone() -> None:
    """What the selectors of the removal do not choose are claims, and each claim is one."""
    assert "--selector=app.kubernetes.io/component!=storage" in TEXT
    left = {found["kind"] for found in await render(OVERLAYS / "staging") if _label(found, "component") == "storage"}
    assert left == {"PersistentVolumeClaim"}
    for found in await render(OVERLAYS / "staging"):
        assert _label(found, "part-of") == "seatrial"
        assert found["kind"] != "PersistentVolumeClaim" or _label(found, "component") == "storage"


def _label(found: Object, name: str) -> Any:
    return found["metadata"].get("labels", {}).get(f"app.kubernetes.io/{name}")


@pytest.mark.parametrize("name", ["production", "staging"])
async def test_secrets_that_are_made_are_those_that_the_overlay_wants(name: str) -> None:
    """By name, key and namespace, by `kubectl create secret` and by External Secrets."""
    objects = await render(OVERLAYS / name)
    (namespace,) = {found["metadata"].get("namespace") for found in objects}
    (wanted,) = credentials.missing(objects, lambda _, key: key)
    expected = {(wanted["metadata"]["name"], key) for key in wanted["stringData"]}
    made = {
        (command[6], command[7].removeprefix("--from-file=").split("=")[0])
        for command in COMMANDS
        if command[:6] == ("kubectl", "-n", namespace, "create", "secret", "generic")
    }
    shown = {
        (found["metadata"]["name"], each["secretKey"])
        for found in SHOWN
        if found["kind"] == "ExternalSecret" and found["metadata"]["namespace"] == namespace
        for each in found["spec"]["data"]
    }
    assert made == expected
    assert shown <= expected
