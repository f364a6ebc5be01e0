"""Wrong in the YAML, which alone tells it."""

from tests.controls.control import Change, Control

DEPLOYMENT = "deployment.yaml"


def of_asyncio(name: str, old: str, new: str, claim: str, why: str, *, file: str = DEPLOYMENT) -> Control:
    """Return a change to one file of the plain asyncio server's overlay."""
    return Control(name, "asyncio", (Change(file, old, new),), (f"yaml.{claim}",), why)


def of_nginx(name: str, old: str, new: str, claim: str, why: str, *, file: str = DEPLOYMENT) -> Control:
    """Return a change to one file of nginx's overlay."""
    return Control(name, "nginx", (Change(file, old, new),), (f"yaml.{claim}",), why)


CONTROLS = (
    of_asyncio(
        "latest",
        "python:3.14-slim-trixie",
        "python:latest",
        "images-are-pinned",
        "The tag that the image's page shows first.",
    ),
    of_nginx("no-tag", "nginx:1.26-trixie", "nginx", "images-are-pinned", "No tag at all is `latest` as well."),
    of_asyncio(
        "host-path",
        "emptyDir:\n            sizeLimit: 16Mi",
        "hostPath:\n            path: /tmp",
        "pod-security-restricted",
        "Scratch space that somebody wanted to look at from the node.",
    ),
    of_asyncio(
        "token-mounted",
        "      automountServiceAccountToken: false\n",
        "",
        "no-api-token",
        "Kubernetes mounts the API server's token unless it is told not to.",
    ),
    of_asyncio(
        "escalation",
        "allowPrivilegeEscalation: false",
        "allowPrivilegeEscalation: true",
        "pod-security-restricted",
        "Set to find out why something failed, and left.",
    ),
    of_nginx(
        "capability-kept",
        "drop: [ALL]",
        "drop: [NET_RAW]",
        "pod-security-restricted",
        "The one capability that a scanner complained of is dropped, the others stay.",
    ),
    of_asyncio(
        "no-seccomp",
        "        seccompProfile:\n          type: RuntimeDefault\n",
        "",
        "pod-security-restricted",
        "Unconfined is the default of Kubernetes.",
    ),
    of_nginx(
        "writable-root",
        "            readOnlyRootFilesystem: true\n",
        "",
        "roots-are-read-only",
        "nginx's own configuration writes all over the root.",
    ),
    of_asyncio(
        "no-memory-limit",
        'limits: { cpu: "1", memory: 64Mi }',
        'limits: { cpu: "1" }',
        "resources-are-set",
        "Left out because the container was killed once.",
    ),
    of_asyncio(
        "request-over-limit",
        "requests: { cpu: 50m, memory: 32Mi }",
        "requests: { cpu: 50m, memory: 128Mi }",
        "validation",
        "The request was raised, the limit forgotten: the API server refuses it.",
    ),
    of_asyncio(
        "budget-never-allows",
        "maxUnavailable: 1",
        "minAvailable: 100%",
        "disruption-is-possible",
        "Meant well; no node can be drained any more.",
        file="poddisruptionbudget.yaml",
    ),
    of_asyncio(
        "budget-held-up-by-the-unready",
        "  unhealthyPodEvictionPolicy: AlwaysAllow\n",
        "",
        "disruption-is-possible",
        "The default protects pods that serve nobody, and holds up the drain of their node.",
        file="poddisruptionbudget.yaml",
    ),
    of_asyncio(
        "service-selects-nothing",
        "app.kubernetes.io/name: hello",
        "app: hello",
        "selectors-find-pods",
        "Labels were renamed, all but one.",
        file="service.yaml",
    ),
    Control(
        "budget-selects-nothing",
        "asyncio",
        (Change("poddisruptionbudget.yaml", "app.kubernetes.io/name: hello", "app: hello"),),
        ("yaml.selectors-find-pods", "yaml.disruption-budgets-are-single"),
        "Nothing ever complains of a budget for no pod.",
    ),
    of_nginx(
        "service-port-is-none",
        "targetPort: http",
        "targetPort: web",
        "service-ports-exist",
        "The port was renamed in the pod, and not in the Service.",
        file="service.yaml",
    ),
    of_asyncio(
        "probe-timeout-over-period",
        "httpGet: { path: /live, port: http }\n            periodSeconds: 2\n",
        "httpGet: { path: /live, port: http }\n            periodSeconds: 2\n            timeoutSeconds: 5\n",
        "probe-timeout-within-period",
        "Raised when a probe timed out; now it is later than its numbers say.",
    ),
    of_asyncio(
        "probe-port-is-none",
        "httpGet: { path: /live, port: http }\n            periodSeconds: 2\n",
        "httpGet: { path: /live, port: web }\n            periodSeconds: 2\n",
        "probe-ports-exist",
        "The port was renamed, one probe was not.",
    ),
    Control(
        "liveness-command-asks-the-store",
        "fastapi",
        (
            Change(
                DEPLOYMENT,
                "httpGet: { path: /live, port: http }\n            periodSeconds: 2\n",
                'exec: { command: [nc, -z, store, "6000"] }\n            periodSeconds: 2\n',
            ),
        ),
        ("yaml.liveness-asks-no-dependency",),
        "It cannot work without the store, so it is restarted without the store.",
    ),
    of_asyncio(
        "memory-volume-over-limit",
        "emptyDir:\n            sizeLimit: 16Mi",
        "emptyDir:\n            medium: Memory\n            sizeLimit: 128Mi",
        "memory-holds-its-volumes",
        "A volume in memory counts as the container's memory: it is killed before the volume is full.",
    ),
    of_asyncio(
        "label-of-a-version",
        "      labels:\n        app.kubernetes.io/name: hello\n    spec:",
        '      labels:\n        app.kubernetes.io/name: hello\n        app.kubernetes.io/version: "1+3f2"\n    spec:',
        "validation",
        "What git describes a commit by is no label's value: the API server refuses it.",
    ),
    of_asyncio(
        "one-probe-for-both",
        "httpGet: { path: /ready, port: http }\n            periodSeconds: 1\n            failureThreshold: 2",
        "httpGet: { path: /live, port: http }\n            periodSeconds: 3\n            failureThreshold: 2",
        "liveness-is-more-patient-than-readiness",
        "One endpoint for both probes: the pod is restarted before it is even out of service.",
    ),
    of_asyncio(
        "mount-without-volume",
        "        - name: scratch\n          emptyDir:",
        "        - name: scratch-space\n          emptyDir:",
        "validation",
        "The volume was renamed, its mount was not.",
    ),
    of_asyncio(
        "secret-in-the-open",
        "          ports:\n",
        "          env:\n            - name: DATABASE_PASSWORD\n              value: hunter2\n          ports:\n",
        "secrets-are-not-in-the-open",
        "It was to be moved to a Secret later.",
    ),
    of_nginx(
        "pre-stop-over-grace",
        "sleep: { seconds: 5 }",
        "sleep: { seconds: 12 }",
        "pre-stop-fits-the-grace-period",
        "The sleep was raised for a slow load balancer; the grace period includes it.",
    ),
    of_asyncio(
        "rollout-takes-capacity",
        "  replicas: 2\n",
        "  replicas: 2\n  strategy:\n    rollingUpdate:\n      maxUnavailable: 1\n",
        "rollout-keeps-capacity",
        "Rollouts became quicker by it, and half of the capacity is gone meanwhile.",
    ),
    of_asyncio(
        "rollout-without-patience",
        "  replicas: 2\n",
        "  replicas: 2\n  progressDeadlineSeconds: 10\n",
        "rollout-has-time",
        "A rollout is called failed while its first pod may still be starting.",
    ),
    of_nginx(
        "misspelt-field",
        "enableServiceLinks: false",
        "enableServiceLink: false",
        "schema",
        "kubectl warns of it, the pipeline does not read warnings.",
    ),
    of_nginx(
        "variable-twice",
        "          ports:\n",
        "          env:\n"
        "            - { name: TZ, value: UTC }\n"
        "            - { name: TZ, value: CET }\n"
        "          ports:\n",
        "names-are-unique",
        "A merge kept both sides.",
    ),
)
