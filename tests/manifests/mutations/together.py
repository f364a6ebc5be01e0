"""Mutations of what names something else, and of what stands beside it."""

import copy

from tests.manifests.mutant import Mutant, add, container, inside, of, pod, put

FROM_CONFIG_MAP = {
    "name": "A_SETTING",
    "valueFrom": {"configMapKeyRef": {"name": "seatrial-settigns", "key": "A_SETTING"}},
}
OWN_CLAIM = {"name": "data", "persistentVolumeClaim": {"claimName": "seatrial-postgres-data"}}
METRIC = {
    "name": "hugepages-2Mi",
    "container": "seatrial",
    "target": {"type": "Utilization", "averageUtilization": 80},
}
PORTS = [{"port": 5432}]
WHOLE = {"app.kubernetes.io/part-of": "seatrial"}


def _add_twin(mutant: Mutant) -> None:
    """Add a second container like the database's."""
    containers = mutant.get("Deployment", "postgres")["spec"]["template"]["spec"]["containers"]
    containers.append({**copy.deepcopy(containers[0]), "name": "twin"})


MUTATIONS = {
    "production": [
        ("what_is_named_exists", add(container, "env", FROM_CONFIG_MAP)),
        ("amounts_are_meant", put(inside(container, "resources", "requests"), memory="512m")),
    ],
    "staging": [
        ("ports_are_of_one_container", _add_twin),
        ("claims_can_be_shared", add(pod, "volumes", OWN_CLAIM)),
        (
            "pods_have_time_to_end",
            put(inside(of("Deployment", "postgres"), "template", "spec"), terminationGracePeriodSeconds=0),
        ),
        ("services_lead_to_one_program", put(of("Service", "postgres"), selector=WHOLE, ports=PORTS)),
    ],
    "composed": [
        (
            "autoscalers_can_measure",
            add(of("HorizontalPodAutoscaler"), "metrics", {"type": "ContainerResource", "containerResource": METRIC}),
        ),
    ],
}
