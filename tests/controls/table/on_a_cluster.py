"""Wrong on a cluster alone, which the YAML alone tells."""

from tests.controls.control import Change, Control

DEPLOYMENT, KUSTOMIZATION, OBJECTS = "deployment.yaml", "kustomization.yaml", "cluster.yaml"
DNS = "        - { port: 53, protocol: UDP }\n        - { port: 53, protocol: TCP }\n"
VARIABLE = (
    "env:\n            - name: GREETING\n              valueFrom: { secretKeyRef: { name: hello, key: greeting } }"
)


def on_a_cluster(name: str, change: Change, claim: str, why: str) -> Control:
    """Return a change to one file of the plain asyncio server's overlay."""
    return Control(name, "asyncio", (change,), (f"yaml.{claim}",), why)


CONTROLS = (
    on_a_cluster(
        "account-of-everybody",
        Change(
            KUSTOMIZATION, "      - { op: add, path: /spec/template/spec/serviceAccountName, value: controls }\n", ""
        ),
        "service-accounts-are-own",
        "A pod that names no account has the namespace's own, with whatever a role gave that for another.",
    ),
    on_a_cluster(
        "namespace-not-named",
        Change(KUSTOMIZATION, "namespace: controls\n", ""),
        "namespace-is-named",
        "It goes where the context of whoever applies it points to.",
    ),
    on_a_cluster(
        "one-pod",
        Change(DEPLOYMENT, "  replicas: 2\n", "  replicas: 1\n"),
        "one-pod-may-be-missed",
        "Enough for the load, until its node is drained.",
    ),
    on_a_cluster(
        "all-on-one-node",
        Change(DEPLOYMENT, "kubernetes.io/hostname", "kubernetes.io/os"),
        "pods-are-spread",
        "The key was taken from an example: it tells one kind of node from another, not one node from the other.",
    ),
    on_a_cluster(
        "open-to-call-anybody",
        Change(OBJECTS, "policyTypes: [Ingress, Egress]", "policyTypes: [Ingress]"),
        "pods-are-isolated",
        "What is not among the types is not limited, whatever rules there are for it.",
    ),
    on_a_cluster(
        "policy-forgets-names",
        Change(OBJECTS, DNS, "        - { port: 443, protocol: TCP }\n"),
        "names-can-be-resolved",
        "It may call what it needs, and not ask for its address.",
    ),
    on_a_cluster(
        "port-on-every-node",
        Change("service.yaml", "spec:\n  selector", "spec:\n  type: NodePort\n  selector"),
        "services-are-internal",
        "The quickest way to a first look, open on every node since then.",
    ),
    on_a_cluster(
        "secret-in-a-variable",
        Change(
            DEPLOYMENT,
            "ports:\n            - name: http\n",
            VARIABLE + "\n          ports:\n            - name: http\n",
        ),
        "secrets-are-read-as-files",
        "Each child process gets it, and the page that shows a crash.",
    ),
)
