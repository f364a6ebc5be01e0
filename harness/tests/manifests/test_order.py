"""Workloads are played one after the other, each under the names of its Services."""

from seatrial.manifests.kustomize import Object
from seatrial.manifests.order import Turn, in_order, turns


def workload(name: str, **labels: str) -> Object:
    """Return a Deployment whose pods have labels."""
    return {"kind": "Deployment", "metadata": {"name": name}, "spec": {"template": {"metadata": {"labels": labels}}}}


def other(kind: str, name: str, **spec: object) -> Object:
    """Return what makes no pod."""
    return {"kind": kind, "metadata": {"name": name}, "spec": spec}


def kinds(turn: Turn) -> list[str]:
    """Return what is played in a turn."""
    return [found["kind"] for found in turn.objects]


def names(objects: list[Object]) -> list[str]:
    """Return the names of objects in their order."""
    return [found["metadata"]["name"] for found in objects]


def test_components_come_before_the_application_and_a_proxy_after_it() -> None:
    """Whatever their names: Kustomize sorts a service called `anchor` before the database that it waits for."""
    component = "app.kubernetes.io/component"
    anchor, proxy = workload("anchor"), workload("anchor-proxy", **{component: "proxy"})
    claim, postgres = other("PersistentVolumeClaim", "p"), workload("postgres", **{component: "database"})
    objects = [proxy, anchor, claim, postgres]
    assert names(in_order(objects)) == ["postgres", "anchor", "p", "anchor-proxy"]
    assert names(objects) == ["anchor-proxy", "anchor", "p", "postgres"]


def test_workloads_of_one_kind_of_component_keep_their_order() -> None:
    """Nothing is known of who waits for whom."""
    assert names(in_order([workload("b"), workload("a"), workload("c")])) == ["b", "a", "c"]


def test_each_workload_has_its_turn_and_what_podman_keeps_comes_once() -> None:
    """ConfigMaps, which it does not keep, come with each."""
    objects = [other("Secret", "s"), other("ConfigMap", "c"), workload("a"), other("PersistentVolumeClaim", "p")]
    first, second = turns([*objects, workload("b")])
    assert kinds(first) == ["Secret", "ConfigMap", "PersistentVolumeClaim", "Deployment"]
    assert kinds(second) == ["ConfigMap", "Deployment"]
    assert second.objects[-1]["metadata"]["name"] == "b"


def test_workload_is_called_by_the_services_that_select_it() -> None:
    """In every form that DNS gives it; one that selects nothing, or others, names nobody."""
    services = [
        other("Service", "db", selector={"app": "db"}),
        other("Service", "headless"),
        other("Service", "web", selector={"app": "web"}),
    ]
    (turn,) = turns([*services, workload("postgres", app="db", tier="data")])
    assert turn.aliases == ("db", "db.default", "db.default.svc", "db.default.svc.cluster.local")
    assert turn.on("net").startswith("net:alias=db,alias=db.default,")


def test_workload_without_a_service_has_the_network_alone() -> None:
    """Its container's name is podman's own part."""
    (turn,) = turns([workload("worker")])
    assert turn.on("net") == "net"
