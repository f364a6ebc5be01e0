"""Mutations of the objects' form."""

from tests.manifests.mutant import add, add_object, container, inside, of, put

META = {"name": "x", "namespace": "seatrial"}
BETA = {"apiVersion": "resource.k8s.io/v1beta1", "kind": "ResourceClaim", "metadata": META, "spec": {}}

MUTATIONS = {
    "production": [
        ("schema", put(of("Deployment"), progresDeadlineSeconds=60)),
        ("schema", put(of("Deployment"), revisionHistoryLimit="five")),
        ("schema", lambda mutant: mutant.get("Deployment").pop("spec")),
        ("schema", lambda mutant: mutant.get("Service").pop("apiVersion")),
        ("versions_are_stable", add_object(BETA)),
        ("validation", put(inside(of("Deployment"), "template", "metadata", "labels"), team="two words")),
        ("names_are_unique", add(container, "ports", {"name": "again", "containerPort": 8000})),
    ],
}
