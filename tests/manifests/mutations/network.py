"""Mutations of what reaches what."""

from tests.manifests.mutant import inside, of, put, put_item, remove_object
from tests.manifests.overlay import SERVICE

OTHER = {"matchLabels": {"app": f"{SERVICE}s"}}  # mistyped, so it is meant for pods that are here
"""The value that pods have, misspelt."""
SERVICE_PORT = inside(of("Service"), "ports", 0)
POLICY = of("NetworkPolicy")
PATHS = inside(of("Ingress"), "rules", 0, "http", "paths", 0, "backend", "service")
ROUTE = inside(of("HTTPRoute"), "rules", 0, "backendRefs", 0)

MUTATIONS = {
    "production": [
        ("service_ports_exist", put(SERVICE_PORT, targetPort="web")),
        ("policy_ports_exist", put(inside(POLICY, "ingress", 0, "ports", 0), port="htpp")),
        ("selectors_find_pods", put(of("Service"), selector=OTHER["matchLabels"])),
        ("names_can_be_resolved", put_item(inside(POLICY, "egress", 0, "ports"), 0, {"port": 54, "protocol": "UDP"})),
        ("pods_are_isolated", remove_object("NetworkPolicy")),
        ("pods_are_isolated", put(POLICY, policyTypes=["Ingress"])),
    ],
    "composed": [
        ("routes_reach_services", put(PATHS, name="other")),
        ("routes_reach_services", put(inside(PATHS, "port"), name="https")),
        ("routes_reach_services", put(ROUTE, name="other")),
        ("routes_reach_services", put(ROUTE, port=8000)),
        ("monitors_reach_ports", put(inside(of("PodMonitor"), "podMetricsEndpoints", 0), port="metrics")),
        ("selectors_find_pods", put(of("PodMonitor"), selector=OTHER)),
        ("custom_resources_are_known", put(of("HTTPRoute"), hostname="seatrial.example.com")),
        ("custom_resources_are_known", put(inside(of("HTTPRoute"), "rules", 0, "timeouts"), idle="75s")),
        ("custom_resources_are_known", put(of("PodMonitor"), podMetricEndpoints=[])),
    ],
}
