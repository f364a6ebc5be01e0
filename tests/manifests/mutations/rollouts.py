"""Mutations of rollouts, disruptions, scaling and placement."""

import copy

from tests.manifests.mutant import Mutant, add_object, both, drop, inside, of, pod, put, remove_object

DEPLOYMENT = of("Deployment")
BUDGET = of("PodDisruptionBudget")
SCALER = of("HorizontalPodAutoscaler")
SECOND = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "second", "namespace": "seatrial"},
    "spec": {
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": {"app.kubernetes.io/name": "seatrial"}},
    },
}


def _add_job(mutant: Mutant) -> None:
    template = copy.deepcopy(mutant.get("Deployment")["spec"]["template"])
    template["spec"]["restartPolicy"] = "Never"
    meta = {"name": "job", "namespace": "seatrial"}
    mutant.objects.append({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {"template": template}})


MUTATIONS = {
    "production": [
        ("rollout_keeps_capacity", put(inside(DEPLOYMENT, "strategy", "rollingUpdate"), maxUnavailable=1)),
        ("rollout_keeps_capacity", put(inside(DEPLOYMENT, "strategy", "rollingUpdate"), maxUnavailable="34%")),
        ("rollout_keeps_capacity", put(DEPLOYMENT, strategy={"type": "Recreate"})),
        ("rollout_has_time", put(DEPLOYMENT, progressDeadlineSeconds=40)),
        ("disruption_is_possible", put(BUDGET, maxUnavailable=0)),
        ("disruption_is_possible", both(drop(BUDGET, "maxUnavailable"), put(BUDGET, minAvailable="67%"))),
        ("disruption_is_possible", put(BUDGET, unhealthyPodEvictionPolicy="IfHealthyBudget")),
        ("disruption_budgets_are_single", add_object(SECOND)),
        ("disruption_budgets_are_single", remove_object("PodDisruptionBudget")),
        ("one_pod_may_be_missed", put(DEPLOYMENT, replicas=1)),
        ("pods_are_spread", drop(pod, "affinity")),
        ("pods_are_spread", drop(pod, "topologySpreadConstraints")),
        ("finished_jobs_are_removed", _add_job),
        ("namespace_is_named", lambda mutant: mutant.get("Service")["metadata"].pop("namespace")),
        ("services_are_internal", put(of("Service"), type="NodePort")),
    ],
    "composed": [
        ("autoscaler_has_its_target", put(DEPLOYMENT, replicas=2)),
        ("autoscaler_has_its_target", put(inside(SCALER, "metrics", 0, "containerResource"), container="other")),
        ("autoscaler_keeps_two", put(SCALER, minReplicas=1)),
        ("autoscaler_keeps_two", put(SCALER, minReplicas=6)),
    ],
}
