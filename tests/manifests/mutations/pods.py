"""Mutations of pods and containers that any deployment may have."""

from tests.manifests.mutant import add, container, database, drop, inside, pod, put

SECURITY = inside(container, "securityContext")
HOST = {"httpGet": {"host": "h", "port": 80}}
MUTATIONS = {
    "production": [
        ("pod_security_restricted", put(SECURITY, allowPrivilegeEscalation=True)),
        ("pod_security_restricted", put(SECURITY, privileged=True)),
        ("pod_security_restricted", put(SECURITY, capabilities={"drop": ["all"]})),
        ("pod_security_restricted", put(SECURITY, capabilities={"drop": ["ALL"], "add": ["SYS_TIME"]})),
        ("pod_security_restricted", put(SECURITY, runAsNonRoot=False)),
        ("pod_security_restricted", put(SECURITY, seccompProfile={"type": "Unconfined"})),
        ("pod_security_restricted", put(SECURITY, procMount="Unmasked")),
        ("pod_security_restricted", put(SECURITY, appArmorProfile={"type": "Unconfined"})),
        ("pod_security_restricted", put(SECURITY, seLinuxOptions={"user": "root"})),
        ("pod_security_restricted", put(SECURITY, windowsOptions={"hostProcess": True})),
        ("pod_security_restricted", put(container, lifecycle={"postStart": HOST})),
        ("pod_security_restricted", put(pod, hostNetwork=True)),
        ("pod_security_restricted", put(pod, hostPID=True)),
        ("pod_security_restricted", put(pod, hostIPC=True)),
        ("pod_security_restricted", put(inside(pod, "volumes", -1), hostPath={"path": "/"})),
        ("pod_security_restricted", add(inside(pod, "securityContext"), "sysctls", {"name": "a", "value": "b"})),
        ("images_are_pinned", put(container, image="registry.example.com:5000/seatrial")),
        ("images_are_pinned", put(container, image="seatrial:latest")),
        ("roots_are_read_only", put(SECURITY, readOnlyRootFilesystem=False)),
        ("mounts_exist", add(container, "volumeMounts", {"name": "other", "mountPath": "/x"})),
        ("mounts_exist", add(pod, "volumes", {"name": "seatrial-other", "emptyDir": {}})),
        ("serving_containers_are_probed", drop(container, "livenessProbe")),
        ("probe_timeout_within_period", put(inside(container, "livenessProbe"), timeoutSeconds=11)),
        ("probe_ports_exist", put(inside(container, "livenessProbe", "httpGet"), port="web")),
        (
            "pre_stop_fits_the_grace_period",
            put(database, lifecycle={"preStop": {"sleep": {"seconds": 60}}}),
        ),
    ],
}
MUTATIONS["podman-postgres"] = [MUTATIONS["production"].pop()]
MUTATIONS["podman-postgres"].append(
    (
        "liveness_is_more_patient_than_readiness",
        lambda mutant: database(mutant).update(livenessProbe=database(mutant)["readinessProbe"]),
    )
)
