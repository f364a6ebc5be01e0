"""What is tried, found from the manifests of anybody."""

from typing import Any

import pytest

from tests.harness.errors import ManifestError
from tests.harness.kustomize import Object
from tests.harness.trial.configuration import Configuration
from tests.harness.trial.portable import portable
from tests.harness.trial.subject import find


def workload(name: str, kind: str = "Deployment", **container: Any) -> Object:
    """Return a workload of one container."""
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": name, "image": "localhost/x:1", **container}]},
    }
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {"template": template}}


def service(name: str, selects: str, **port: Any) -> Object:
    """Return a Service of one port."""
    spec = {"selector": {"app": selects}, "ports": [{"port": 80, **port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def env(**variables: str) -> list[dict[str, str]]:
    """Return a container's variables."""
    return [{"name": name, "value": value} for name, value in variables.items()]


@pytest.mark.parametrize(
    "variables",
    [
        {"DATABASE_URL": "postgresql://web:secret@db:5432/web"},
        {"DATABASE_URL": "postgresql://web@db/web"},
        {"CACHE": "redis://db"},
        {"UPSTREAM": "db:5432"},
        {"DB_HOST": "db"},
        {"DB_HOST": "db.default.svc"},
    ],
)
def test_workload_whose_service_another_names_is_its_dependency(variables: dict[str, str]) -> None:
    """In a URL, with a port, or alone in a variable that is called a host."""
    objects = [workload("db"), service("db", "db"), workload("web", env=env(**variables)), service("web", "web")]
    found = find(objects, "x", Configuration())
    assert found.name == "web"
    assert [each["metadata"]["name"] for each in found.dependencies] == ["db"]


@pytest.mark.parametrize(
    "variables", [{"DB_NAME": "db"}, {"URL": "postgresql://db@elsewhere/db"}, {"URL": "http://my-db/"}, {"PATH": "/db"}]
)
def test_workload_is_no_dependency_because_its_name_is_said(variables: dict[str, str]) -> None:
    """As a user, a database, a part of another name, or a path."""
    objects = [workload("db"), service("db", "db"), workload("web", env=env(**variables))]
    with pytest.raises(ManifestError, match="which workload is tried"):
        find(objects, "x", Configuration())
    assert find(objects, "x", Configuration(subject="web")).name == "web"


def test_only_workload_is_tried_whatever_it_is_labelled() -> None:
    """A component of something that is elsewhere."""
    web = workload("web")
    web["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"] = "frontend"
    found = find([web], "x", Configuration())
    assert (found.name, found.dependencies) == ("web", ())


def test_workload_that_is_a_component_is_a_dependency() -> None:
    """The label app.kubernetes.io/component says it, where nothing else does."""
    database = workload("db")
    database["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"] = "database"
    found = find([database, workload("web")], "x", Configuration())
    assert (found.name, len(found.dependencies)) == ("web", 1)


@pytest.mark.parametrize("given", [Configuration(subject="nobody"), Configuration(dependencies=("nobody",))])
def test_name_that_no_workload_has_is_refused(given: Configuration) -> None:
    """The message says which there are."""
    with pytest.raises(ManifestError, match=r"trial\.toml names 'nobody'; there are web"):
        find([workload("web")], "x", given)


def test_nothing_to_try_is_refused() -> None:
    """A Service alone makes no pod."""
    with pytest.raises(ManifestError, match="there is no Deployment, StatefulSet or Pod"):
        find([service("web", "web")], "x", Configuration())


def test_port_is_the_one_that_a_service_sends_http_to() -> None:
    """By its protocol or its name, whatever else is declared."""
    ports = [{"containerPort": 9000, "name": "metrics"}, {"containerPort": 8080, "name": "web"}]
    objects = [workload("web", ports=ports), service("web", "web", targetPort="web", appProtocol="http")]
    objects[1]["spec"]["ports"].insert(0, {"port": 9000, "targetPort": "metrics", "name": "metrics"})
    assert find(objects, "x", Configuration()).port == 8080
    assert find(objects, "x", Configuration(port=9000)).port == 9000


def test_port_is_else_that_of_a_probe_or_the_first_or_none() -> None:
    """A worker has none."""
    probed = workload("web", readinessProbe={"httpGet": {"port": 81}}, ports=[{"containerPort": 80}])
    assert find([probed], "x", Configuration()).port == 81
    assert find([workload("web", ports=[{"containerPort": 80}])], "x", Configuration()).port == 80
    assert find([workload("web")], "x", Configuration()).port is None


@pytest.mark.parametrize(
    ("variables", "said", "json"),
    [
        ({"LOG_FORMAT": "json"}, None, True),
        ({"LOG_FORMAT": "text"}, None, False),
        ({"FORMAT": "json"}, None, False),
        ({"LOG_FORMAT": "json"}, "text", False),
        ({}, "json", True),
    ],
)
def test_logs_are_json_if_the_overlay_says_so(variables: dict[str, str], said: str | None, *, json: bool) -> None:
    """By a setting, or by trial.toml, which knows better."""
    assert find([workload("web", env=env(**variables))], "x", Configuration(logs=said)).says_json is json


def test_port_that_only_a_service_names_is_declared() -> None:
    """Kubernetes does not need it declared; publishing it does."""
    (web, _) = portable([workload("web"), service("web", "web", targetPort=8080)])
    assert web["spec"]["template"]["spec"]["containers"][0]["ports"] == [{"containerPort": 8080}]


def test_stateful_set_of_one_is_played_as_a_deployment_with_its_claims() -> None:
    """Its volume is claimed under the name that a cluster gives it."""
    given = workload("db", "StatefulSet")
    given["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": {"accessModes": []}}]
    claim, played = portable([given])
    assert (claim["kind"], claim["metadata"]["name"]) == ("PersistentVolumeClaim", "data-db-0")
    assert played["kind"] == "Deployment"
    (volume,) = played["spec"]["template"]["spec"]["volumes"]
    assert volume == {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}
    assert given["kind"] == "StatefulSet", "what was rendered stays as it was"


def test_stateful_set_of_several_is_refused() -> None:
    """Each has a part of its own, which one alone cannot show."""
    given = workload("db", "StatefulSet")
    given["spec"]["replicas"] = 3
    with pytest.raises(ManifestError, match="StatefulSet db: only one replica can be tried"):
        portable([given])


def test_job_is_refused() -> None:
    """In one line."""
    with pytest.raises(ManifestError, match="Job migrate: of the workloads only"):
        find(portable([workload("web"), workload("migrate", "Job")]), "x", Configuration())


def test_dependency_whose_service_has_another_port_is_refused() -> None:
    """On podman its Service is a name, and maps nothing."""
    database = workload("db", ports=[{"containerPort": 5432}])
    objects = [database, service("db", "db", targetPort=5432), workload("web", env=env(DB_HOST="db"))]
    with pytest.raises(ManifestError, match="Service db: its port is 80, the container's 5432"):
        find(objects, "x", Configuration())
    objects[1]["spec"]["ports"][0]["port"] = 5432
    assert find(objects, "x", Configuration()).name == "web"


def test_container_of_the_subjects_name_in_another_workload_is_renamed() -> None:
    """Events are told by the container's name; the subject keeps its own, wherever it stands."""
    other, subject = workload("green"), workload("blue")
    for each in (other, subject):
        each["spec"]["template"]["spec"]["containers"][0]["name"] = "app"
    found = find([other, subject], "x", Configuration(subject="blue"))
    assert found.container.name == "app"
    (renamed, kept) = (each["spec"]["template"]["spec"]["containers"][0]["name"] for each in found.objects)
    assert (renamed, kept) == ("green-app", "app")
    assert other["spec"]["template"]["spec"]["containers"][0]["name"] == "app", "what was rendered stays as it was"
