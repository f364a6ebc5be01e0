"""What isolation changes, and what it leaves."""

import base64
import copy
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import ManifestError
from seatrial.manifests import isolation
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import pods
from seatrial.manifests.probe import PROBES

MANIFESTS = """
{kind: ConfigMap, metadata: {name: settings}, data: {APP_A: a, APP_B: b}}
---
{kind: Secret, metadata: {name: password}, data: {APP_C: Yw==}, stringData: {APP_D: d}}
---
{kind: PersistentVolumeClaim, metadata: {name: data}}
---
{kind: Service, metadata: {name: app}}
---
kind: Deployment
metadata: {name: app}
spec:
  template:
    metadata: {labels: {app: app}}
    spec:
      initContainers:
      - {name: migrate, image: "registry:5000/app:1", volumeMounts: [{name: tmp, mountPath: /tmp}]}
      containers:
      - name: web
        image: registry:5000/app:1
        ports: [{name: http, containerPort: 8000, hostPort: 8000}]
        env:
        - {name: APP_A, value: own}
        - {name: KEPT, valueFrom: {secretKeyRef: {name: password, key: APP_C}}}
        - {name: FOREIGN, valueFrom: {configMapKeyRef: {name: elsewhere, key: X}}}
        envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: password}}]
        startupProbe: {tcpSocket: {port: 9000}}
        readinessProbe: {httpGet: {port: http}}
        livenessProbe: {exec: {command: ["true"]}}
        volumeMounts: [{name: tmp, mountPath: /tmp}, {name: data, mountPath: /data}]
      volumes:
      - {name: tmp, emptyDir: {}}
      - {name: data, persistentVolumeClaim: {claimName: data}}
      - {name: secret, secret: {secretName: password}}
      - {name: config, configMap: {name: settings}}
"""


def objects() -> list[Object]:
    """Return fresh objects."""
    return list(yaml.safe_load_all(MANIFESTS))


def isolated(run: str = "run", **changes: Any) -> list[Object]:
    """Return the objects isolated, with predictable ports."""
    return isolation.isolate(objects(), run, allocate_port=itertools.count(20000).__next__, **changes)


def isolated_of(given_objects: list[Object], settings: isolation.Settings, of: str) -> list[Object]:
    """Return objects isolated, with settings for one workload."""
    return isolation.isolate(
        given_objects, "run", settings=settings, of=of, allocate_port=itertools.count(40000).__next__
    )


def spec(found: list[Object]) -> dict[str, Any]:
    """Return the Deployment's pod spec."""
    template: dict[str, Any] = found[-1]["spec"]["template"]["spec"]
    return template


def strings(value: Any) -> Iterator[str]:
    """Return every string in a value."""
    match value:
        case dict():
            yield from itertools.chain.from_iterable(strings(item) for item in value.values())
        case list():
            yield from itertools.chain.from_iterable(strings(item) for item in value)
        case str():
            yield value


def test_isolation_renames_what_podman_keeps_per_host() -> None:
    """Deployments, claims, secrets and config maps get the run's name, a Service, which podman skips, does not."""
    assert [found["metadata"]["name"] for found in isolated()] == [
        "settings-run",
        "password-run",
        "data-run",
        "app",
        "app-run",
    ]


def test_isolation_rewrites_references_to_what_it_renamed() -> None:
    """Volumes, mounts and environment follow the new names; what was not rendered keeps its name."""
    rewritten = spec(isolated())
    (web,) = rewritten["containers"]
    assert rewritten["volumes"] == [
        {"name": "tmp-run", "emptyDir": {}},
        {"name": "data-run", "persistentVolumeClaim": {"claimName": "data-run"}},
        {"name": "secret-run", "secret": {"secretName": "password-run"}},
        {"name": "config-run", "configMap": {"name": "settings-run"}},
    ]
    assert [mount["name"] for mount in web["volumeMounts"]] == ["tmp-run", "data-run"]
    assert rewritten["initContainers"][0]["volumeMounts"][0]["name"] == "tmp-run"
    assert web["envFrom"] == [{"configMapRef": {"name": "settings-run"}}, {"secretRef": {"name": "password-run"}}]
    assert web["env"][1]["valueFrom"]["secretKeyRef"]["name"] == "password-run"
    assert web["env"][2]["valueFrom"]["configMapKeyRef"]["name"] == "elsewhere"


def test_isolation_publishes_declared_and_probed_ports_on_the_loopback() -> None:
    """Every port gets a host port of its own, one that is only probed too; a fixed host port is replaced."""
    assert spec(isolated())["containers"][0]["ports"] == [
        {"name": "http", "containerPort": 8000, "hostIP": "127.0.0.1", "hostPort": 20000},
        {"containerPort": 9000, "hostIP": "127.0.0.1", "hostPort": 20001},
    ]


def test_isolation_labels_the_pod_template() -> None:
    """The run can be found by its label, beside the labels that were there."""
    assert isolated()[-1]["spec"]["template"]["metadata"]["labels"] == {"app": "app", "seatrial.dev/run": "run"}


def test_isolation_leaves_its_input_and_everything_else_alone() -> None:
    """The rendered objects stay as they were, and so do commands, images and probes in the copy."""
    given_objects = objects()
    before = copy.deepcopy(given_objects)
    (web,) = spec(isolation.isolate(given_objects, "run"))["containers"]
    assert given_objects == before
    original = spec(before)["containers"][0]
    assert {key: web[key] for key in ("image", *PROBES.values())} == {
        key: original[key] for key in ("image", *PROBES.values())
    }


def test_settings_override_every_source_of_the_environment() -> None:
    """A setting wins in env and, for podman's sake, in the config maps and secrets; other keys stay."""
    found = isolated(settings={"APP_A": "1", "APP_C": "3", "APP_D": "4", "APP_E": "5"})
    assert found[0]["data"] == {"APP_A": "1", "APP_B": "b"}
    assert base64.b64decode(found[1]["data"]["APP_C"]) == b"3"
    assert found[1]["stringData"] == {"APP_D": "4"}
    for container in (*spec(found)["initContainers"], *spec(found)["containers"]):
        values = {variable["name"]: variable.get("value") for variable in container["env"]}
        assert {"APP_A": "1", "APP_C": "3", "APP_D": "4", "APP_E": "5"}.items() <= values.items()
    assert [variable["name"] for variable in spec(found)["containers"][0]["env"]].count("APP_A") == 1


def test_setting_that_is_none_is_taken_from_every_source() -> None:
    """From env, config maps, secrets and what is mounted by key; others stay, also one of another name in the pod."""
    given_objects = objects()
    given_objects[-1]["spec"]["template"]["spec"]["volumes"][2]["secret"]["items"] = [
        {"key": "APP_C", "path": "c"},
        {"key": "APP_D", "path": "d"},
    ]
    found = isolation.with_settings(given_objects, {"APP_A": None, "APP_D": None})
    assert found[0]["data"] == {"APP_B": "b"}
    assert (found[1]["data"], found[1]["stringData"]) == ({"APP_C": "Yw=="}, {})
    assert spec(found)["volumes"][2]["secret"]["items"] == [{"key": "APP_C", "path": "c"}]
    (web,) = spec(found)["containers"]
    assert [variable["name"] for variable in web["env"]] == ["KEPT", "FOREIGN"]


def test_settings_of_one_workload_leave_the_others_alone() -> None:
    """Also what they have in common: it has ConfigMaps and Secrets of its own then, with what is changed."""
    job = copy.deepcopy(objects()[-1])
    job["metadata"]["name"] = "migrate"
    found = isolated_of([*objects(), job], {"APP_A": "1", "APP_C": None}, of="app")
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in found}
    assert by_name["ConfigMap", "settings-trial-run"]["data"]["APP_A"] == "1"
    assert by_name["ConfigMap", "settings-run"]["data"]["APP_A"] == "a"
    assert "APP_C" in by_name["Secret", "password-run"]["data"]
    assert "APP_C" not in by_name["Secret", "password-trial-run"]["data"]
    for name, suffix, value in (("app", "-trial-run", "1"), ("migrate", "-run", "own")):
        pod = by_name["Deployment", f"{name}-run"]["spec"]["template"]["spec"]
        (web,) = pod["containers"]
        assert web["envFrom"] == [
            {"configMapRef": {"name": f"settings{suffix}"}},
            {"secretRef": {"name": f"password{suffix}"}},
        ]
        assert [each["value"] for each in web["env"] if each["name"] == "APP_A"] == [value]
        assert pod["volumes"][3]["configMap"] == {"name": f"settings{suffix}"}


def test_images_are_replaced_by_name_and_an_unknown_one_is_refused() -> None:
    """An image is named without its tag; one that nothing uses is an error, not a silent no-op."""
    found = isolated(images={"registry:5000/app": "localhost/app:2"})
    assert {container["image"] for container in spec(found)["containers"]} == {"localhost/app:2"}
    assert spec(found)["initContainers"][0]["image"] == "localhost/app:2"
    with pytest.raises(ManifestError, match="no container uses the image other; used: registry:5000/app"):
        isolated(images={"other": "localhost/app:2"})


def test_playable_leaves_probing_and_restarting_to_the_harness() -> None:
    """What is played has no probes and never restarts, so that neither happens twice; the views keep the probes."""
    found = isolated()
    (web,) = spec(isolation.playable(found))["containers"]
    assert not web.keys() & set(PROBES.values())
    assert spec(isolation.playable(found))["restartPolicy"] == "Never"
    assert pods(found)[0].containers[0].readiness is not None
    assert pods(found)[0].restart_policy == "Always"


def test_variable_that_podman_cannot_give_has_a_value() -> None:
    """What it can give, it gives."""
    paths = ("metadata.namespace", "status.podIP", "metadata.name")
    given_objects = objects()
    env = [{"name": path, "valueFrom": {"fieldRef": {"fieldPath": path}}} for path in paths]
    spec(given_objects)["containers"][0]["env"] = env
    namespace, address, name = spec(isolation.playable(given_objects))["containers"][0]["env"]
    assert (namespace["value"], address["value"]) == ("default", "127.0.0.1")
    assert "valueFrom" in name


def test_resources_to_remove_are_those_that_podman_makes() -> None:
    """Volumes of secrets, config maps and emptyDirs are told from those of claims, which can be kept."""
    found = isolated()
    assert set(isolation.volumes(found)) == {"tmp-run", "password-run", "settings-run"}
    assert set(isolation.claims(found)) == {"data-run"}
    assert set(isolation.secrets(found)) == {"password-run"}


@given(runs=st.lists(st.text("0123456789abcdef", min_size=8, max_size=8), min_size=2, max_size=2, unique=True))
def test_two_runs_share_no_name(runs: list[str]) -> None:
    """Whatever two runs are called, nothing that podman keeps has the same name in both."""
    kept = []
    for run in runs:
        found = [item for item in isolated(run) if item["kind"] in isolation.NAMED_KINDS]
        names = {item["metadata"]["name"] for item in found}
        kept.append(
            names | set(isolation.volumes(found)) | set(isolation.claims(found)) | set(isolation.secrets(found))
        )
        assert all(name.endswith(run) for name in kept[-1])
    assert not kept[0] & kept[1]


def test_isolation_keeps_no_reference_to_an_old_name() -> None:
    """No string but the Service's name, labels and container names is one that was renamed."""
    leftover = {"settings", "password", "data"} & set(strings(isolated()))
    assert not leftover
