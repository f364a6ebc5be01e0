"""What the API server refuses, field by field: each a sound object with one thing wrong."""

from typing import Any

import pytest

from harness.tests.admission.sound import sound, spoilt
from seatrial.admission.objects import refusals
from seatrial.contracts import kubernetes_schema

C = "spec/containers/0"
DEPLOYED = "spec/template/spec"
LONG = "w" * 64
METRIC = "spec/metrics/0"
RULE = "spec/rules/0"
REFUSED: list[tuple[str, str, Any]] = [
    # Names, keys, labels
    ("Deployment", "metadata/name", "Web_App"),
    ("Deployment", "metadata/name", "w" * 254),
    ("Deployment", "metadata/namespace", "a.b"),
    ("Deployment", "metadata/labels", {"a b": "c"}),
    ("Deployment", "metadata/labels", {"a": LONG}),
    ("Deployment", "metadata/annotations", {"-a": ""}),
    ("Deployment", "metadata/annotations", {"a": "x" * 300_000}),
    ("StatefulSet", "metadata/name", "d.b"),
    ("Service", "metadata/name", LONG),
    ("Service", "metadata/name", "a.b"),
    ("CronJob", "metadata/name", "w" * 53),
    ("ClusterRole", "metadata/name", "a/b"),
    ("Service", "metadata/name", "1web"),
    ("Job", "metadata/name", LONG),
    # Pods
    ("Pod", "spec/restartPolicy", "always"),
    ("Pod", "spec/activeDeadlineSeconds", 0),
    ("Pod", "spec/dnsPolicy", "None "),
    ("Pod", "spec/dnsConfig/nameservers", ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]),
    ("Pod", "spec/dnsConfig/nameservers", ["one"]),
    ("Pod", "spec/hostAliases/0/ip", "localhost"),
    ("Pod", "spec/hostname", "a.b"),
    ("Pod", "spec/serviceAccountName", "Web"),
    ("Pod", "spec/os/name", "Linux"),
    ("Pod", "spec/securityContext/windowsOptions", {"runAsUserName": "web"}),
    ("Pod", "spec/securityContext/runAsUser", -1),
    ("Pod", "spec/securityContext/seccompProfile", {"type": "Localhost"}),
    ("Pod", "spec/tolerations/0/value", "x"),
    ("Pod", "spec/tolerations/1/effect", "NoSchedule"),
    ("Pod", "spec/tolerations/1/operator", "In"),
    ("Pod", "spec/topologySpreadConstraints/1/whenUnsatisfiable", "DoNotSchedule"),
    ("Pod", "spec/topologySpreadConstraints/0/maxSkew", 0),
    ("Pod", "spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/weight", 101),
    ("Pod", "spec/nodeSelector", {"a": "b c"}),
    ("Pod", "spec/securityContext/fsGroupChangePolicy", "Never"),
    ("Pod", "spec/securityContext/sysctls", [{"name": "a.b", "value": "1"}, {"name": "a.b", "value": "2"}]),
    ("Pod", "spec/preemptionPolicy", "Always"),
    ("Pod", "spec/readinessGates", [{"conditionType": "a b"}]),
    # Containers
    ("Pod", f"{C}/name", "Web"),
    ("Pod", f"{C}/name", "first"),
    ("Pod", f"{C}/image", ""),
    ("Pod", f"{C}/image", " web"),
    ("Pod", f"{C}/imagePullPolicy", "ifnotpresent"),
    ("Pod", f"{C}/ports/0/containerPort", 0),
    ("Pod", f"{C}/ports/0/containerPort", 70000),
    ("Pod", f"{C}/ports/0/name", "a-name-of-16-ltr"),
    ("Pod", f"{C}/ports/0/name", "8080"),
    ("Pod", f"{C}/ports/1/name", "http"),
    ("Pod", f"{C}/ports/0/protocol", "HTTP"),
    ("Pod", f"{C}/ports/2", {"containerPort": 54, "hostPort": 53, "protocol": "UDP"}),
    ("Pod", f"{C}/env/0/name", "A=B"),
    ("Pod", f"{C}/env/1/value", "x"),
    ("Pod", f"{C}/env/1/valueFrom/fieldRef", {"fieldPath": "metadata.name"}),
    ("Pod", f"{C}/env/1/valueFrom", {}),
    ("Pod", f"{C}/env/1/valueFrom/secretKeyRef/key", "a/b"),
    ("Pod", f"{C}/env/3/valueFrom/fieldRef/fieldPath", "status.phase"),
    ("Pod", f"{C}/envFrom/0/secretRef", {"name": "web"}),
    ("Pod", f"{C}/envFrom/0/configMapRef/name", "Web"),
    ("Pod", f"{C}/volumeMounts/0/name", "none"),
    ("Pod", f"{C}/volumeMounts/0/mountPath", "/data"),
    ("Pod", f"{C}/volumeMounts/1/subPath", "../out"),
    ("Pod", f"{C}/volumeMounts/1/subPathExpr", "x"),
    ("Pod", f"{C}/volumeMounts/0/mountPropagation", "Bidirectional"),
    ("Pod", f"{C}/volumeDevices/0/name", "tmp"),
    ("Pod", f"{C}/securityContext/privileged", True),
    ("Pod", f"{C}/securityContext/capabilities/add", ["SYS_ADMIN"]),
    ("Pod", "spec/initContainers/0/livenessProbe", {"exec": {"command": ["true"]}}),
    ("Pod", "spec/initContainers/0/lifecycle", {"preStop": {"sleep": {"seconds": 1}}}),
    ("Pod", "spec/initContainers/1/restartPolicy", "Sometimes"),
    # Probes and hooks
    ("Pod", f"{C}/livenessProbe/tcpSocket", {"port": 1}),
    ("Pod", f"{C}/livenessProbe/httpGet", None),
    ("Pod", f"{C}/livenessProbe/successThreshold", 2),
    ("Pod", f"{C}/livenessProbe/periodSeconds", -1),
    ("Pod", f"{C}/livenessProbe/httpGet/port", "8080"),
    ("Pod", f"{C}/livenessProbe/httpGet/port", 0),
    ("Pod", f"{C}/livenessProbe/httpGet/scheme", "https"),
    ("Pod", f"{C}/livenessProbe/httpGet/httpHeaders/0/name", "a b"),
    ("Pod", f"{C}/livenessProbe/terminationGracePeriodSeconds", 0),
    ("Pod", f"{C}/readinessProbe/terminationGracePeriodSeconds", 5),
    ("Pod", f"{C}/readinessProbe", {"exec": {}}),
    ("Pod", f"{C}/lifecycle/preStop/sleep/seconds", 31),
    ("Pod", f"{C}/lifecycle/preStop/exec", {"command": ["true"]}),
    # Resources
    ("Pod", f"{C}/resources/limits/memory", "128Mb"),
    ("Pod", f"{C}/resources/limits/memory", "1 Gi"),
    ("Pod", f"{C}/resources/limits/memory", "1K"),
    ("Pod", f"{C}/resources/limits/cpu", "10m"),
    ("Pod", f"{C}/resources/limits/cpu", "-1"),
    ("Pod", f"{C}/resources/limits/storage", "1Gi"),
    ("Pod", f"{C}/resources/requests", {"nvidia.com/gpu": 1}),
    ("Pod", f"{C}/resources/limits", {"nvidia.com/gpu": "500m"}),
    ("Pod", f"{C}/resources", {"limits": {"hugepages-2Mi": "4Mi"}}),
    ("Pod", f"{C}/env/2/valueFrom", {"resourceFieldRef": {"resource": "memory"}}),
    ("Pod", f"{C}/env/2/valueFrom", {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1m"}}),
    # Volumes
    ("Pod", "spec/volumes/2/name", "tmp"),
    ("Pod", "spec/volumes/2/name", "Bare"),
    ("Pod", "spec/volumes/0/configMap", {"name": "web"}),
    ("Pod", "spec/volumes/1/persistentVolumeClaim/claimName", ""),
    ("Pod", "spec/volumes/2/hostPath", {"path": "/a/../b"}),
    ("Pod", "spec/volumes/2/hostPath", {"path": "/a", "type": "Folder"}),
    ("Pod", "spec/volumes/2/secret", {}),
    ("Pod", "spec/volumes/3/configMap/defaultMode", 644),
    ("Pod", "spec/volumes/3/configMap/items/0/path", "/a"),
    ("Pod", "spec/volumes/4/projected/sources/0/secret/items/1", {"key": "b", "path": "a"}),
    ("Pod", "spec/volumes/4/projected/sources/1/serviceAccountToken/expirationSeconds", 60),
    ("Pod", "spec/volumes/0/emptyDir/sizeLimit", "16MB"),
    ("Pod", "spec/volumes/0", {"name": "tmp", "downwardAPI": {"items": [{"path": "a", "resourceFieldRef": {}}]}}),
    # What makes pods
    ("Deployment", "spec/selector", {}),
    ("Deployment", "spec/replicas", -1),
    ("Deployment", "spec/progressDeadlineSeconds", 5),
    ("Deployment", "spec/minReadySeconds", 60),
    ("Deployment", "spec/strategy/type", "Recreate"),
    ("Deployment", "spec/strategy/type", "Rolling"),
    ("Deployment", "spec/strategy/rollingUpdate/maxSurge", 0),
    ("Deployment", "spec/strategy/rollingUpdate/maxSurge", "25"),
    ("Deployment", "spec/strategy/rollingUpdate/maxUnavailable", "101%"),
    ("Deployment", "spec/selector/matchExpressions/0/values", ["a"]),
    ("Deployment", f"{DEPLOYED}/restartPolicy", "Never"),
    ("Deployment", f"{DEPLOYED}/activeDeadlineSeconds", 60),
    ("Deployment", f"{DEPLOYED}/volumes", [{"name": "a"}, {"name": "a"}]),
    ("StatefulSet", "spec/podManagementPolicy", "Ordered"),
    ("StatefulSet", "spec/updateStrategy/type", "OnDelete"),
    ("StatefulSet", "spec/volumeClaimTemplates/0/metadata/name", "other"),
    ("StatefulSet", "spec/volumeClaimTemplates/0/spec/accessModes", []),
    ("DaemonSet", "spec/updateStrategy/rollingUpdate/maxUnavailable", None),
    ("DaemonSet", "spec/template/spec/containers/0/ports/0/hostPort", 9101),
    ("Job", "spec/template/spec/restartPolicy", None),
    ("Job", "spec/template/spec/restartPolicy", "Always"),
    ("Job", "spec/backoffLimit", -1),
    ("Job", "spec/completionMode", "Indexed"),
    ("Job", "spec/selector", {"matchLabels": {"a": "b"}}),
    ("CronJob", "spec/schedule", ""),
    ("CronJob", "spec/schedule", "* * * *"),
    ("CronJob", "spec/schedule", "60 * * * *"),
    ("CronJob", "spec/schedule", "0 0 * * 7"),
    ("CronJob", "spec/schedule", "5-1 * * * *"),
    ("CronJob", "spec/schedule", "*/0 * * * *"),
    ("CronJob", "spec/schedule", "@noon"),
    ("CronJob", "spec/schedule", "CRON_TZ=UTC 0 0 * * *"),
    ("CronJob", "spec/timeZone", "Europe/Nowhere"),
    ("CronJob", "spec/concurrencyPolicy", "forbid"),
    ("CronJob", "spec/jobTemplate/spec/template/spec/restartPolicy", "Always"),
    # Services
    ("Service", "spec/ports", []),
    ("Service", "spec/ports/0/name", None),
    ("Service", "spec/ports/1/name", "http"),
    ("Service", "spec/ports/1/protocol", "TCP"),
    ("Service", "spec/ports/0/targetPort", "a-name-of-16-ltr"),
    ("Service", "spec/ports/0/port", 0),
    ("Service", "spec/ports/0/nodePort", 80),
    ("Service", "spec/type", "ClusterIP"),
    ("Service", "spec/type", "Internal"),
    ("Service", "spec/type", "ExternalName"),
    ("Service", "spec/clusterIP", "None"),
    ("Service", "spec/clusterIP", "10.0.0"),
    ("Service", "spec/externalIPs", ["127.0.0.1"]),
    ("Service", "spec/loadBalancerSourceRanges", ["10.0.0.0/8"]),
    ("Service", "spec/sessionAffinity", "Cookie"),
    ("Service", "spec/selector", {"app": "a b"}),
    # Data
    ("ConfigMap", "data", {"a/b": ""}),
    ("ConfigMap", "data", {"bytes": ""}),
    ("ConfigMap", "data", {"..a": ""}),
    ("ConfigMap", "data", {"a": "x" * 1_100_000}),
    ("ConfigMap", "binaryData/bytes", "no base64"),
    ("Secret", "data", {"tls.crt": "plain text"}),
    ("Secret", "data", {"tls.crt": "YQ"}),
    ("Secret", "data", {}),
    ("Secret", "type", "kubernetes.io/dockerconfigjson"),
    ("PersistentVolumeClaim", "spec/accessModes", []),
    ("PersistentVolumeClaim", "spec/accessModes", ["RWO"]),
    ("PersistentVolumeClaim", "spec/accessModes", ["ReadWriteOnce", "ReadWriteOncePod"]),
    ("PersistentVolumeClaim", "spec/resources", {}),
    ("PersistentVolumeClaim", "spec/resources/requests/storage", "0"),
    ("PersistentVolumeClaim", "spec/volumeMode", "block"),
    # Scaling
    ("HorizontalPodAutoscaler", "spec/maxReplicas", 1),
    ("HorizontalPodAutoscaler", "spec/scaleTargetRef/name", ""),
    ("HorizontalPodAutoscaler", f"{METRIC}/type", "Pods"),
    ("HorizontalPodAutoscaler", f"{METRIC}/resource/target/averageUtilization", None),
    ("HorizontalPodAutoscaler", f"{METRIC}/resource/target/averageUtilization", 0),
    ("HorizontalPodAutoscaler", "spec/behavior/scaleDown/policies/0/periodSeconds", 1801),
    ("HorizontalPodAutoscaler", "spec/behavior/scaleDown/stabilizationWindowSeconds", 3601),
    ("PodDisruptionBudget", "spec/minAvailable", 1),
    ("PodDisruptionBudget", "spec/maxUnavailable", "half"),
    ("PodDisruptionBudget", "spec/maxUnavailable", "101%"),
    ("HorizontalPodAutoscaler", "spec/minReplicas", 0),
    # Who is let in
    ("Ingress", "spec/rules", []),
    ("Ingress", f"{RULE}/host", "10.0.0.1"),
    ("Ingress", f"{RULE}/host", "*.*.example.com"),
    ("Ingress", f"{RULE}/http/paths", []),
    ("Ingress", f"{RULE}/http/paths/0/path", "web"),
    ("Ingress", f"{RULE}/http/paths/0/path", "/a//b"),
    ("Ingress", f"{RULE}/http/paths/0/pathType", "prefix"),
    ("Ingress", f"{RULE}/http/paths/0/backend/service/port/number", 80),
    ("Ingress", f"{RULE}/http/paths/0/backend", {}),
    ("Ingress", "metadata/annotations", {"kubernetes.io/ingress.class": "nginx"}),
    ("Ingress", f"{RULE}/http/paths/0/backend/service/name", "a.b"),
    ("Ingress", "spec/tls/0/secretName", "Web_TLS"),
    ("NetworkPolicy", "spec/policyTypes", ["ingress"]),
    ("NetworkPolicy", "spec/ingress/0/from/0", {}),
    ("NetworkPolicy", "spec/ingress/0/from/1/podSelector", {}),
    ("NetworkPolicy", "spec/ingress/0/from/1/ipBlock/cidr", "10.0.0.0"),
    ("NetworkPolicy", "spec/ingress/0/from/1/ipBlock/except", ["11.0.0.0/8"]),
    ("NetworkPolicy", "spec/egress/1/ports/0/endPort", 7000),
    ("NetworkPolicy", "spec/egress/1/ports/0/port", "http"),
    ("ClusterRole", "rules/0/verbs", []),
    ("ClusterRole", "rules/1/resources", []),
    ("ClusterRole", "rules/0/resources", ["pods"]),
    ("RoleBinding", "roleRef/kind", "Group"),
    ("RoleBinding", "roleRef/name", ""),
    ("RoleBinding", "subjects/0/apiGroup", "rbac.authorization.k8s.io"),
]


def test_deployment_that_is_ready_later_than_its_deadline_by_default_is_refused() -> None:
    """The deadline is 600 s where none is given."""
    found = spoilt("Deployment", "spec/progressDeadlineSeconds", None)
    found["spec"]["minReadySeconds"] = 599
    assert not list(refusals(found))
    found["spec"]["minReadySeconds"] = 600
    assert [str(each).partition(":")[0] for each in refusals(found)] == ["spec.progressDeadlineSeconds"]


@pytest.mark.parametrize("kind", [found["kind"] for found in sound()])
def test_sound_object_of_each_kind_is_not_refused(kind: str) -> None:
    """It fits its schema as well, so that what is spoilt below is all that is wrong."""
    (found,) = (each for each in sound() if each["kind"] == kind)
    assert kubernetes_schema.complaint(found, strict=True) is None
    assert not list(map(str, refusals(found)))


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    REFUSED,
    ids=[f"{kind}-{path.rpartition('/')[2]}-{str(value)[:20]}" for kind, path, value in REFUSED],
)
def test_object_with_one_thing_wrong_is_refused(kind: str, path: str, value: Any) -> None:
    """Each is refused, by one line or two that name a field."""
    found = spoilt(kind, path, value)
    refused = list(map(str, refusals(found)))
    assert 1 <= len(refused) <= 3, refused
    assert all(": " in line and "Traceback" not in line for line in refused)
