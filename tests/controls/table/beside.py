"""Wrong in an object beside the workload, which the YAML alone tells."""

from tests.controls.control import Change, Control

DEPLOYMENT, SERVICE = "deployment.yaml", "service.yaml"
LAST = "      targetPort: http\n"
REPLICAS = Change(DEPLOYMENT, "  replicas: 2\n", "")
PODS = "  {}:\n    matchLabels:\n      app.kubernetes.io/name: hello\n"
SCALER = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: hello
spec:
  scaleTargetRef: {{ apiVersion: apps/v1, kind: Deployment, name: {target} }}
  minReplicas: {least}
  maxReplicas: 3
  metrics:
    - type: Resource
      resource: {{ name: cpu, target: {{ type: Utilization, averageUtilization: 70 }} }}
"""
POLICY = f"""apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: hello
spec:
{PODS.format("podSelector")}"""


def beside(name: str, added: str, claim: str, why: str, *changes: Change) -> Control:
    """Return the plain asyncio server's overlay with one more object, and with what else that takes."""
    change = Change(SERVICE, LAST, f"{LAST}---\n{added}")
    return Control(name, "asyncio", (change, *changes), (f"yaml.{claim}",), why)


CONTROLS = (
    beside(
        "two-budgets",
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: all\nspec:\n  maxUnavailable: 1\n"
        f"  unhealthyPodEvictionPolicy: AlwaysAllow\n{PODS.format('selector')}",
        "disruption-budgets-are-single",
        "One came with the chart, one from the platform's team: the API server evicts nothing that has two.",
    ),
    beside(
        "autoscaler-of-nothing",
        SCALER.format(target="hallo", least=2),
        "autoscaler-has-its-target",
        "It scales what is not there, and says so in a condition that nobody reads.",
    ),
    beside(
        "autoscaler-and-replicas",
        SCALER.format(target="hello", least=2),
        "autoscaler-has-its-target",
        "Each `kubectl apply` sets the number back, in the middle of the rush hour.",
    ),
    beside(
        "autoscaler-down-to-one",
        SCALER.format(target="hello", least=1),
        "autoscaler-keeps-two",
        "At night there is one pod, and then its node is drained.",
        REPLICAS,
    ),
    beside(
        "policy-opens-another-port",
        f"{POLICY}  policyTypes: [Ingress]\n  ingress:\n    - ports:\n        - port: web\n",
        "policy-ports-exist",
        "The port was renamed in the pod, and not in the policy; the API server takes any name.",
    ),
    beside(
        "ingress-leads-nowhere",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: hello\nspec:\n"
        "  defaultBackend:\n    service:\n      name: hello\n      port: { number: 8080 }\n",
        "routes-reach-services",
        "The container's port; an Ingress is about the Service's, and answers 503.",
    ),
    beside(
        "monitor-of-no-port",
        "apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata:\n  name: hello\nspec:\n"
        f"{PODS.format('selector')}  podMetricsEndpoints:\n    - port: metrics\n",
        "monitors-reach-ports",
        "Prometheus has no target then, which is no error, and its alerts have nothing to fire on.",
    ),
)
