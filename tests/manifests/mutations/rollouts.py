"""Mutations of rollouts and disruptions."""

from tests.manifests.mutant import inside, of, put

MUTATIONS = {
    "production": [
        ("rollout_keeps_capacity", put(inside(of("Deployment"), "strategy", "rollingUpdate"), maxUnavailable=1)),
        ("rollout_keeps_capacity", put(of("Deployment"), strategy={"type": "Recreate"})),
    ],
}
