"""What is tried, found from the manifests of anybody."""

import base64
from typing import Any

import pytest

from harness.tests.trial.workloads import env, service, workload
from seatrial.errors import ManifestError
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import pods
from seatrial.manifests.portable import portable
from seatrial.trial.configuration import Configuration
from seatrial.trial.subject import find


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


@pytest.mark.parametrize("key", ["data", "stringData"])
def test_workload_whose_service_a_secret_names_is_a_dependency_of_whom_it_is_given_to(key: str) -> None:
    """Decoded; a Secret that a workload is not given says nothing of it."""
    url = "postgresql://web:secret@db:5432/web"
    text = base64.b64encode(url.encode()).decode() if key == "data" else url
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "database"}, key: {"url": text}}
    given_to: dict[str, Any] = {
        "env": [{"name": "URL", "valueFrom": {"secretKeyRef": {"name": "database", "key": "url"}}}]
    }
    found = find([workload("web", **given_to), workload("db"), service("db", "db"), secret], "x", Configuration())
    assert found.name == "web"
    assert [each["metadata"]["name"] for each in found.dependencies] == ["db"]
    with pytest.raises(ManifestError, match="which workload is tried"):
        find([workload("web"), workload("db"), service("db", "db"), secret], "x", Configuration())


def test_test_of_a_chart_is_left_out() -> None:
    """It names the Service, and would be what is tried."""
    test = workload("web-test", "Pod", args=["web:80"])
    test = {**test, "spec": {**test["spec"]["template"]["spec"], "restartPolicy": "Never"}}
    test["metadata"]["annotations"] = {"helm.sh/hook": "test"}
    found = find(portable([workload("web"), service("web", "web"), test]), "x", Configuration())
    assert found.name == "web"


def test_https_is_refused_where_it_would_be_loaded() -> None:
    """What a server answers to plain HTTP there says nothing of it; another port may be named."""
    probe = {"httpGet": {"path": "/", "port": 8443, "scheme": "HTTPS"}}
    web = workload("web", ports=[{"containerPort": 8443}, {"containerPort": 8080}], readinessProbe=probe)
    with pytest.raises(ManifestError, match="asks for HTTPS on port 8443"):
        find([web], "x", Configuration())
    assert find([web], "x", Configuration(port=8080)).port == 8080


@pytest.mark.parametrize(("name", "says"), [("http", True), ("http-api", True), ("redis", False)])
def test_http_is_said_by_the_service_that_sends_there(name: str, *, says: bool) -> None:
    """The container's port need have no name."""
    web = workload("web", ports=[{"containerPort": 8080}])
    assert find([web, service("web", "web", name=name, targetPort=8080)], "x", Configuration()).says_http is says


def test_workload_that_is_a_component_is_not_what_is_tried_nor_a_dependency() -> None:
    """The label app.kubernetes.io/component says the one; it is played, and no setting says the other."""
    worker = workload("worker")
    worker["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"] = "worker"
    found = find([worker, workload("web")], "x", Configuration())
    assert (found.name, found.dependencies, len(found.objects)) == ("web", (), 2)


def test_two_workloads_of_one_name_are_refused() -> None:
    """Only one of them would be tried, and nobody would know which."""
    with pytest.raises(ManifestError, match="two workloads are called web"):
        find([workload("web"), workload("web")], "x", Configuration())


@pytest.mark.parametrize("given", [Configuration(subject="nobody"), Configuration(dependencies=("nobody",))])
def test_name_that_no_workload_has_is_refused(given: Configuration) -> None:
    """The message says which there are."""
    with pytest.raises(ManifestError, match="'nobody'; there are web"):
        find([workload("web")], "x", given)


def test_nothing_to_try_is_refused() -> None:
    """A Service alone makes no pod."""
    with pytest.raises(ManifestError, match="there is no Deployment, StatefulSet, DaemonSet, ReplicaSet or Pod"):
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


def job(name: str, **container: Any) -> Object:
    """Return a Job of one container."""
    found = workload(name, "Job", **container)
    found["spec"]["backoffLimit"] = 2
    found["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    return found


def test_job_is_played_after_what_it_may_wait_for_and_before_the_subject() -> None:
    """As the Pod that it makes, which may fail so often; a dependency is not found by it, nor is it one."""
    web, database = workload("web", env=env(DB_HOST="db")), workload("db")
    found = find(portable([web, job("migrate"), database, service("db", "db")]), "x", Configuration())
    played = [(each["kind"], each["metadata"]["name"]) for each in found.objects if each["kind"] != "Service"]
    assert played == [("Deployment", "db"), ("Pod", "migrate"), ("Deployment", "web")]
    assert [each.backoff_limit for each in pods(found.objects)] == [None, 2, None]
    assert [each["metadata"]["name"] for each in found.dependencies] == ["db"]
    assert len(found.without_jobs()) == len(found.objects) - 1


def test_job_alone_is_nothing_to_try() -> None:
    """It ends by itself: nothing of what is tried is about it."""
    with pytest.raises(ManifestError, match="there is no Deployment, StatefulSet"):
        find(portable([job("migrate")]), "x", Configuration())


def test_job_that_asks_the_subject_and_cron_jobs_are_left_out() -> None:
    """The one would wait for ever for what comes after it, the other's time does not come."""
    smoke = job("smoke", args=["http://web:80/"])
    nightly = workload("nightly", "CronJob")
    found = find(portable([smoke, nightly, workload("web"), service("web", "web")]), "x", Configuration())
    assert [each["metadata"]["name"] for each in found.objects if each["kind"] != "Service"] == ["web"]


@pytest.mark.parametrize("kind", ["DaemonSet", "ReplicaSet"])
def test_pod_of_a_daemon_set_or_a_replica_set_is_tried_as_that_of_a_deployment(kind: str) -> None:
    """Of either one pod is played."""
    found = find(portable([workload("web", kind)]), "x", Configuration())
    assert (found.workload["kind"], found.template.name) == ("Deployment", "web-pod")


def test_dependency_whose_service_has_another_port_maps_it() -> None:
    """On podman its Service is a name; one with the same port maps nothing, nor does the subject's own."""
    database = workload("db", ports=[{"containerPort": 5432}])
    web = workload("web", env=env(DB_HOST="db"), ports=[{"containerPort": 8080}])
    objects = [database, service("db", "db", targetPort=5432), web, service("web", "web", targetPort=8080)]
    found = find(objects, "x", Configuration())
    assert found.maps_ports
    assert [dict(each.mapped_ports) for each in pods(found.objects)] == [{80: 5432}, {}]
    objects[1]["spec"]["ports"][0]["port"] = 5432
    assert not find(objects, "x", Configuration()).maps_ports


def test_names_that_containers_are_given_are_nobody_elses() -> None:
    """Not even where another workload has a container of that very name."""
    objects = [workload("web"), workload("a"), workload("b")]
    names = ("app", "app", "a-app")
    for each, name in zip(objects, names, strict=True):
        each["spec"]["template"]["spec"]["containers"][0]["name"] = name
    found = find(objects, "x", Configuration(subject="web"))
    given = {each.name: each.containers[0].name for each in pods(found.objects)}
    assert given == {"web-pod": "app", "a-pod": "a-app-2", "b-pod": "a-app"}


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


def ingress(to: str) -> Object:
    """Return an Ingress that leads to a Service."""
    backend = {"service": {"name": to, "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    spec = {"rules": [{"http": {"paths": paths}}]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "x"}, "spec": spec}


def test_what_is_reached_from_outside_is_tried_and_not_what_sends_to_it() -> None:
    """A load generator is named by nobody; without an Ingress or a load balancer it is taken for what is meant."""
    shop, sends = workload("shop"), workload("sends", env=env(TO="http://shop:80/"))
    leads = service("shop", "shop")
    assert find([shop, sends, leads], "x", Configuration()).name == "sends"
    found = find([shop, sends, leads, ingress("shop")], "x", Configuration())
    assert str(found) == (
        "tries Deployment shop, container shop, which has no port (reached from outside); it depends on nothing that"
        " is found"
    )
    leads["spec"]["type"] = "LoadBalancer"
    assert find([shop, sends, leads], "x", Configuration()).name == "shop"


def test_workload_that_is_named_is_tried_and_several_are_asked_about() -> None:
    """The message says how to name one."""
    one, other = workload("one"), workload("other")
    assert find([one, other], "x", Configuration(subject="other")).name == "other"
    with pytest.raises(
        ManifestError, match="which workload is tried? Give --subject, .*: one, other".replace("?", r"\?")
    ):
        find([one, other], "x", Configuration())
