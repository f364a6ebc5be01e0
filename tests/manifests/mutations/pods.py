"""Mutations of pods and containers that any deployment may have."""

from seatrial.contracts.access import AUTOMOUNT
from seatrial.contracts.pod_security import APPARMOR
from tests.manifests.mutant import (
    add,
    add_object,
    both,
    container,
    database,
    drop,
    inside,
    of,
    pod,
    put,
    put_item,
    settings,
)

SECURITY = inside(container, "securityContext")
LAST_VOLUME = inside(pod, "volumes", -1)
LIVENESS = inside(container, "livenessProbe")
DATABASES = inside(database, "livenessProbe", "exec", "command")
DATABASES_RUN = inside(of("Deployment", "postgres"), "template", "spec", "volumes", 1)
UNPLAYED = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "x"}, "spec": {"limits": []}}
CONTEXT = inside(pod, "securityContext")
TEMPLATE = inside(of("Deployment"), "template", "metadata")
RUN_AS_SOMEBODY = (
    put(SECURITY, runAsUser=10001),
    put(inside(pod, "initContainers", 0, "securityContext"), runAsUser=10001),
)
HOST = {"httpGet": {"host": "h", "port": 80}}
TOO_LONG = {"preStop": {"exec": {"command": ["sh", "-c", "sleep 60"]}}}
FROM_SECRET = {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "seatrial-database", "key": "key"}}}
IN_MEMORY = {"medium": "Memory", "sizeLimit": "1Gi"}
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIE"

MUTATIONS = {
    "production": [
        ("pod_security_restricted", put(SECURITY, allowPrivilegeEscalation=True)),
        ("pod_security_restricted", put(SECURITY, privileged=True, allowPrivilegeEscalation=True)),
        ("pod_security_restricted", put(SECURITY, capabilities={"drop": ["all"]})),
        ("pod_security_restricted", put(SECURITY, capabilities={"drop": ["ALL"], "add": ["SYS_TIME"]})),
        ("pod_security_restricted", put(SECURITY, runAsNonRoot=False)),
        ("pod_security_restricted", put(SECURITY, runAsUser=0)),
        ("pod_security_restricted", put(SECURITY, seccompProfile={"type": "Unconfined"})),
        ("pod_security_restricted", put(SECURITY, procMount="Unmasked")),
        ("pod_security_restricted", put(SECURITY, appArmorProfile={"type": "Unconfined"})),
        ("pod_security_restricted", put(SECURITY, seLinuxOptions={"user": "root"})),
        ("pod_security_restricted", put(SECURITY, windowsOptions={"hostProcess": True})),
        ("pod_security_restricted", put(CONTEXT, seLinuxOptions={"type": "spc_t"})),
        ("pod_security_restricted", put(TEMPLATE, annotations={f"{APPARMOR}seatrial": "unconfined"})),
        ("pod_security_restricted", both(put(CONTEXT, runAsUser=0), *RUN_AS_SOMEBODY)),
        ("pod_security_restricted", put(container, lifecycle={"postStart": HOST})),
        ("pod_security_restricted", put(LIVENESS, httpGet={"host": "h", "port": "http", "path": "/health/live"})),
        ("pod_security_restricted", put(pod, hostNetwork=True)),
        ("pod_security_restricted", put(pod, hostPID=True)),
        ("pod_security_restricted", put(pod, hostIPC=True)),
        ("pod_security_restricted", both(put(LAST_VOLUME, hostPath={"path": "/"}), drop(LAST_VOLUME, "emptyDir"))),
        ("pod_security_restricted", add(inside(pod, "securityContext"), "sysctls", {"name": "a", "value": "b"})),
        ("host_ports_are_local", put(inside(container, "ports", 0), hostPort=8000, hostIP="127.0.0.1")),
        ("no_api_token", put(pod, automountServiceAccountToken=True)),
        ("no_api_token", both(drop(pod, AUTOMOUNT), lambda mutant: mutant.get("ServiceAccount").pop(AUTOMOUNT))),
        ("service_accounts_are_own", drop(pod, "serviceAccountName")),
        ("service_accounts_are_own", put(pod, serviceAccountName="absent")),
        ("secrets_are_not_in_the_open", put(settings, UPSTREAM="https://user:hunter2@example.com")),
        ("secrets_are_not_in_the_open", add(container, "env", {"name": "SIGNING_KEY", "value": KEY})),
        ("secrets_are_not_in_the_open", add(container, "env", {"name": "API_TOKEN", "value": "hunter2"})),
        ("secrets_are_not_in_the_open", add(container, "args", "--admin-password=hunter2")),
        ("secrets_are_not_in_the_open", put(container, args=["serve", "--api-key", "hunter2"])),
        ("secrets_are_read_as_files", add(container, "env", FROM_SECRET)),
        ("images_are_pinned", put(container, image="registry.example.com:5000/seatrial")),
        ("images_are_pinned", put(container, image="seatrial:latest")),
        ("roots_are_read_only", put(SECURITY, readOnlyRootFilesystem=False)),
        ("validation", add(container, "volumeMounts", {"name": "other", "mountPath": "/x"})),
        ("resources_are_set", drop(inside(container, "resources", "limits"), "memory")),
        ("resources_are_set", drop(inside(container, "resources", "limits"), "ephemeral-storage")),
        ("validation", put(inside(container, "resources", "requests"), cpu="1500m")),
        ("serving_containers_are_probed", drop(container, "livenessProbe")),
        ("probe_timeout_within_period", put(LIVENESS, timeoutSeconds=11)),
        ("probe_ports_exist", put(inside(LIVENESS, "httpGet"), port="web")),
    ],
    "staging": [
        ("pre_stop_fits_the_grace_period", put(database, lifecycle=TOO_LONG)),
        ("memory_holds_its_volumes", put(DATABASES_RUN, emptyDir=IN_MEMORY)),
    ],
    "podman-postgres": [
        ("liveness_asks_no_dependency", put_item(DATABASES, -1, "pg_isready --host=seatrial")),
        ("resources_are_set", drop(inside(container, "resources", "limits"), "memory")),
        (
            "liveness_is_more_patient_than_readiness",
            lambda mutant: database(mutant).update(livenessProbe=database(mutant)["readinessProbe"]),
        ),
    ],
    "podman": [
        ("podman_honours_what_is_asked", put(container, lifecycle={"postStart": {"exec": {"command": ["true"]}}})),
        ("podman_honours_what_is_asked", put(inside(container, "envFrom", 0), prefix="")),
        ("podman_honours_what_is_asked", put(of("Deployment"), paused=True)),
        ("podman_honours_what_is_asked", add_object(UNPLAYED)),
        ("podman_variables_have_one_source", add(container, "env", {"name": "APP_LOG_FORMAT", "value": "console"})),
        ("podman_finds_services_by_name", lambda mutant: mutant.get("Service")["metadata"].update(name="web")),
        ("podman_users_are_numbers", drop(inside(pod, "securityContext"), "runAsUser")),
        (
            "podman_volumes_are_not_shared",
            both(
                add(pod, "volumes", {"name": "tmp", "emptyDir": {}}),
                add(container, "volumeMounts", {"name": "tmp", "mountPath": "/x"}),
            ),
        ),
        ("host_ports_are_local", put(inside(container, "ports", 0), hostIP="0.0.0.0")),
        ("host_ports_are_local", drop(inside(container, "ports", 0), "hostIP")),
    ],
}
