"""What `podman kube play` does with each field, read from its sources at the floor, v5.1.0.

The sources are pkg/domain/infra/abi/play.go and pkg/specgen/generate/kube/{kube,volume}.go: podman reads YAML without
a schema, and drops what it does not know without a word.
"""

from typing import Union

Fields = dict[str, Union["Fields", str]]
"""A field's own fields, HONOURED, or the reason why a deployment can do without it."""

HONOURED = ""
ONE_POD = "there is one pod, made anew on each play"
ONE_MACHINE = "there is one machine to run on"
NO_API = "there is no API server to ask"
NOT_FOR_PODMAN = "only what acts on a cluster reads it"
NUMERIC_USER = "runAsUser, which is honoured, names the user"

METADATA: Fields = {
    "name": HONOURED,
    "labels": HONOURED,
    "annotations": HONOURED,
    "namespace": "names of pods, volumes and secrets are the machine's",
}
PROBE: Fields = {
    "exec": {"command": HONOURED},
    "httpGet": dict.fromkeys(("path", "port", "scheme", "host"), HONOURED),
    "tcpSocket": dict.fromkeys(("port", "host"), HONOURED),
    "initialDelaySeconds": HONOURED,
    "periodSeconds": HONOURED,
    "timeoutSeconds": HONOURED,
    "failureThreshold": HONOURED,
}
ITEMS: Fields = {"key": HONOURED, "path": HONOURED}
KEY: Fields = {"name": HONOURED, "key": HONOURED, "optional": HONOURED}
REFERENCE: Fields = {"name": HONOURED, "optional": HONOURED}
SECURITY: Fields = {
    "allowPrivilegeEscalation": HONOURED,
    "capabilities": {"add": HONOURED, "drop": HONOURED},
    "privileged": HONOURED,
    "procMount": HONOURED,
    "readOnlyRootFilesystem": HONOURED,
    "runAsGroup": HONOURED,
    "runAsUser": HONOURED,
    "seLinuxOptions": HONOURED,
    "runAsNonRoot": NUMERIC_USER,
    "seccompProfile": "podman's default profile applies",
}
CONTAINER: Fields = {
    "name": HONOURED,
    "image": HONOURED,
    "imagePullPolicy": HONOURED,
    "command": HONOURED,
    "args": HONOURED,
    "workingDir": HONOURED,
    "tty": HONOURED,
    "env": {
        "name": HONOURED,
        "value": HONOURED,
        "valueFrom": {
            "configMapKeyRef": KEY,
            "secretKeyRef": KEY,
            "fieldRef": {"fieldPath": HONOURED, "apiVersion": "there is but one"},
            "resourceFieldRef": {"resource": HONOURED, "divisor": HONOURED},
        },
    },
    "envFrom": {"configMapRef": REFERENCE, "secretRef": REFERENCE},
    "ports": {
        "name": HONOURED,
        "containerPort": HONOURED,
        "hostPort": HONOURED,
        "hostIP": HONOURED,
        "protocol": HONOURED,
    },
    "volumeMounts": dict.fromkeys(("name", "mountPath", "readOnly", "subPath", "mountPropagation"), HONOURED),
    "resources": {
        "limits": {"cpu": HONOURED, "memory": HONOURED, "ephemeral-storage": "the disk is the machine's"},
        "requests": {"memory": HONOURED, "cpu": ONE_MACHINE, "ephemeral-storage": ONE_MACHINE},
    },
    "securityContext": SECURITY,
    "livenessProbe": PROBE | {"successThreshold": "it is always 1"},
    "startupProbe": PROBE | {"successThreshold": HONOURED},
    "readinessProbe": "the harness asks it: `make up` waits for it, the tests follow it",
    "terminationMessagePath": "the logs have it",
    "terminationMessagePolicy": "the logs have it",
}
POD: Fields = {
    "containers": CONTAINER,
    "initContainers": CONTAINER,
    "volumes": {
        "name": HONOURED,
        "configMap": {"name": HONOURED, "items": ITEMS, "defaultMode": HONOURED, "optional": HONOURED},
        "emptyDir": {"medium": HONOURED, "sizeLimit": "the disk is the machine's"},
        "hostPath": {"path": HONOURED, "type": HONOURED},
        "persistentVolumeClaim": {"claimName": HONOURED},
        "secret": {"secretName": HONOURED, "items": ITEMS, "defaultMode": HONOURED, "optional": HONOURED},
    },
    "dnsConfig": {
        "nameservers": HONOURED,
        "searches": HONOURED,
        "options": {"name": HONOURED, "value": HONOURED},
    },
    "hostAliases": HONOURED,
    "hostIPC": HONOURED,
    "hostNetwork": HONOURED,
    "hostPID": HONOURED,
    "hostUsers": HONOURED,
    "hostname": HONOURED,
    "restartPolicy": HONOURED,
    "shareProcessNamespace": HONOURED,
    "terminationGracePeriodSeconds": HONOURED,
    "securityContext": {
        "runAsGroup": HONOURED,
        "runAsUser": HONOURED,
        "seLinuxOptions": HONOURED,
        "supplementalGroups": HONOURED,
        "sysctls": HONOURED,
        "fsGroup": "files of Secrets are readable by all in the pod (defaultMode), where there is one user",
        "fsGroupChangePolicy": "as fsGroup",
        "runAsNonRoot": NUMERIC_USER,
        "seccompProfile": "podman's default profile applies",
    },
    "affinity": ONE_MACHINE,
    "automountServiceAccountToken": NO_API,
    "enableServiceLinks": "podman sets no variables for Services",
    "nodeSelector": ONE_MACHINE,
    "priorityClassName": ONE_MACHINE,
    "serviceAccountName": NO_API,
    "tolerations": ONE_MACHINE,
    "topologySpreadConstraints": ONE_MACHINE,
}
TEMPLATE: Fields = {"metadata": METADATA, "spec": POD}
OBJECT: Fields = {"apiVersion": HONOURED, "kind": HONOURED, "metadata": METADATA}
KINDS: dict[str, Fields | str] = {
    "Pod": OBJECT | {"spec": POD},
    "Deployment": OBJECT
    | {
        "spec": {
            "template": TEMPLATE,
            "selector": "the pod is known by its name",
            "replicas": "podman runs one pod, whatever the number",
            "strategy": ONE_POD,
            "minReadySeconds": ONE_POD,
            "progressDeadlineSeconds": "`make up` waits for readiness within a limit of its own",
            "revisionHistoryLimit": ONE_POD,
        }
    },
    "DaemonSet": OBJECT
    | {
        "spec": {
            "template": TEMPLATE,
            "selector": "the pod is known by its name",
            "updateStrategy": ONE_POD,
            "minReadySeconds": ONE_POD,
            "revisionHistoryLimit": ONE_POD,
        }
    },
    "ConfigMap": OBJECT | {"data": HONOURED, "binaryData": HONOURED, "immutable": ONE_POD},
    "Secret": OBJECT | dict.fromkeys(("data", "stringData", "type", "immutable"), HONOURED),
    "PersistentVolumeClaim": OBJECT
    | {
        "spec": {
            "accessModes": ONE_MACHINE,
            "resources": "the disk is the machine's",
            "storageClassName": "the disk is the machine's",
            "volumeMode": "volumes are directories",
        }
    },
    "Service": "containers are DNS names in podman's network; hostPort publishes",
    "ServiceAccount": NO_API,
    "NetworkPolicy": "what is published is of the loopback address",
    "PodDisruptionBudget": NOT_FOR_PODMAN,
    "Namespace": NOT_FOR_PODMAN,
}
"""The kinds that podman plays, and those that it skips with the reason why that does no harm."""
