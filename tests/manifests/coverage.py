"""Which contract covers which check of the linters that others know, by the checks' own names."""

from collections.abc import Iterator

RESTRICTED = ("pod_security_restricted",)
SELECTORS = ("selectors_find_pods",)
PROBED = ("serving_containers_are_probed",)
PINNED = ("images_are_pinned",)
SET = ("resources_are_set",)
SPREAD = ("pods_are_spread",)
SCALER = ("autoscaler_has_its_target",)
KEEPS_TWO = ("autoscaler_keeps_two",)
BUDGET = ("disruption_is_possible",)
HAS_BUDGET = ("disruption_budgets_are_single",)
OPEN = ("secrets_are_not_in_the_open",)
ACCOUNT = ("service_accounts_are_own",)
ISOLATED = ("pods_are_isolated",)
READ_ONLY = ("roots_are_read_only",)
PORTS = ("probe_ports_exist",)
NO_STATEFUL_SET = (
    "podman plays no StatefulSet, and so no overlay has one; what is said of Deployments is said of them, too"
)

CHECKS: dict[str, dict[str, tuple[str, ...] | str]] = {
    "Pod Security restricted": {
        **dict.fromkeys(
            (
                "allowPrivilegeEscalation",
                "appArmorProfile",
                "capabilities",
                "hostNamespaces",
                "hostPathVolumes",
                "hostProbesAndHostLifecycle",
                "privileged",
                "procMount",
                "restrictedVolumes",
                "runAsNonRoot",
                "runAsUser",
                "seLinuxOptions",
                "seccompProfile",
                "sysctls",
                "windowsHostProcess",
            ),
            RESTRICTED,
        ),
        "hostPorts": ("host_ports_are_local",),
    },
    "kube-score": {
        "container-ephemeral-storage-request-and-limit": SET,
        "container-image-pull-policy": "it asks for Always: `images_that_are_there_are_used` holds the opposite, "
        "for a node may have no registry, and the tags are exact",
        "container-image-tag": PINNED,
        "container-ports-check": ("names_are_unique",),
        "container-resources": SET,
        "container-seccomp-profile": RESTRICTED,
        "container-security-context-privileged": RESTRICTED,
        "container-security-context-readonlyrootfilesystem": READ_ONLY,
        "container-security-context-user-group-id": ("users_are_not_the_hosts",),
        "deployment-has-host-podantiaffinity": SPREAD,
        "deployment-has-poddisruptionbudget": HAS_BUDGET,
        "deployment-pod-selector-labels-match-template-metadata-labels": SELECTORS,
        "deployment-replicas": ("one_pod_may_be_missed",),
        "deployment-strategy": ("rollout_keeps_capacity",),
        "deployment-targeted-by-hpa-does-not-have-replicas-configured": SCALER,
        "environment-variable-key-duplication": ("names_are_unique",),
        "horizontalpodautoscaler-has-target": SCALER,
        "horizontalpodautoscaler-replicas": KEEPS_TWO,
        "ingress-targets-service": ("routes_reach_services",),
        "label-values": ("validation",),
        "networkpolicy-targets-pod": SELECTORS,
        "pod-networkpolicy": ISOLATED,
        "pod-probes": PROBED,
        "pod-probes-identical": ("liveness_is_more_patient_than_readiness", "readiness_alone_asks_dependencies"),
        "pod-topology-spread-constraints": SPREAD,
        "poddisruptionbudget-has-policy": BUDGET,
        "service-targets-pod": SELECTORS,
        "service-type": ("services_are_internal",),
        "stable-version": ("versions_are_stable",),
        "statefulset-has-host-podantiaffinity": SPREAD,
        "statefulset-has-poddisruptionbudget": HAS_BUDGET,
        "statefulset-has-servicename": NO_STATEFUL_SET,
        "statefulset-pod-selector-labels-match-template-metadata-labels": SELECTORS,
        "statefulset-replicas": ("one_pod_may_be_missed",),
    },
    "kube-linter": {
        "dangling-horizontalpodautoscaler": SCALER,
        "dangling-ingress": ("routes_reach_services",),
        "dangling-networkpolicy": SELECTORS,
        "dangling-service": SELECTORS,
        "dangling-servicemonitor": ("monitors_reach_ports",),
        "default-service-account": ACCOUNT,
        "docker-sock": RESTRICTED,
        "drop-net-raw-capability": RESTRICTED,
        "duplicate-env-var": ("names_are_unique",),
        "env-var-secret": OPEN,
        "host-ipc": RESTRICTED,
        "host-network": RESTRICTED,
        "host-pid": RESTRICTED,
        "invalid-target-ports": ("schema", "service_ports_exist"),
        "job-ttl-seconds-after-finished": ("finished_jobs_are_removed",),
        "latest-tag": PINNED,
        "liveness-port": PORTS,
        "mismatching-selector": SELECTORS,
        "no-anti-affinity": SPREAD,
        "no-liveness-probe": PROBED,
        "no-read-only-root-fs": READ_ONLY,
        "no-readiness-probe": PROBED,
        "no-rolling-update-strategy": ("rollout_keeps_capacity",),
        "non-existent-service-account": ACCOUNT,
        "non-isolated-pod": ISOLATED,
        "pdb-max-unavailable": BUDGET,
        "pdb-min-available": BUDGET,
        "pdb-unhealthy-pod-eviction-policy": BUDGET,
        "privilege-escalation-container": RESTRICTED,
        "privileged-container": RESTRICTED,
        "privileged-ports": ("ports_need_no_privilege",),
        "read-secret-from-env-var": ("secrets_are_read_as_files",),
        "readiness-port": PORTS,
        "run-as-non-root": RESTRICTED,
        "schema-validation": ("schema",),
        "sensitive-host-mounts": RESTRICTED,
        "startup-port": PORTS,
        "unsafe-sysctls": RESTRICTED,
        "unset-cpu-requirements": SET,
        "unset-memory-requirements": SET,
        "use-namespace": ("namespace_is_named",),
    },
    "Polaris": {
        "automountServiceAccountToken": ("no_api_token",),
        "cpuLimitsMissing": SET,
        "cpuRequestsMissing": SET,
        "dangerousCapabilities": RESTRICTED,
        "deploymentMissingReplicas": ("one_pod_may_be_missed",),
        "hostIPCSet": RESTRICTED,
        "hostNetworkSet": RESTRICTED,
        "hostPIDSet": RESTRICTED,
        "hostPathSet": RESTRICTED,
        "hostPortSet": ("host_ports_are_local",),
        "hostProcess": RESTRICTED,
        "hpaMaxAvailability": KEEPS_TWO,
        "hpaMinAvailability": KEEPS_TWO,
        "insecureCapabilities": RESTRICTED,
        "linuxHardening": RESTRICTED,
        "livenessProbeMissing": PROBED,
        "memoryLimitsMissing": SET,
        "memoryRequestsMissing": SET,
        "missingNetworkPolicy": ISOLATED,
        "missingPodDisruptionBudget": HAS_BUDGET,
        "notReadOnlyRootFilesystem": READ_ONLY,
        "pdbDisruptionsIsZero": BUDGET,
        "pdbMinAvailableGreaterThanHPAMinReplicas": BUDGET,
        "privilegeEscalationAllowed": RESTRICTED,
        "readinessProbeMissing": PROBED,
        "runAsPrivileged": RESTRICTED,
        "runAsRootAllowed": RESTRICTED,
        "sensitiveConfigmapContent": OPEN,
        "sensitiveContainerEnvVar": OPEN,
        "tagNotSpecified": PINNED,
        "topologySpreadConstraint": SPREAD,
    },
    # `make lint` runs Checkov itself, too.
    "Checkov": {
        "CKV_K8S_8": PROBED,
        "CKV_K8S_9": PROBED,
        **dict.fromkeys(("CKV_K8S_10", "CKV_K8S_11", "CKV_K8S_12", "CKV_K8S_13"), SET),
        "CKV_K8S_14": PINNED,
        "CKV_K8S_15": "as kube-score's container-image-pull-policy",
        **dict.fromkeys(("CKV_K8S_16", "CKV_K8S_17", "CKV_K8S_18", "CKV_K8S_19", "CKV_K8S_20"), RESTRICTED),
        "CKV_K8S_21": ("namespace_is_named",),
        "CKV_K8S_22": READ_ONLY,
        "CKV_K8S_23": RESTRICTED,
        "CKV_K8S_25": RESTRICTED,
        "CKV_K8S_26": ("host_ports_are_local",),
        **dict.fromkeys(("CKV_K8S_27", "CKV_K8S_28", "CKV_K8S_29", "CKV_K8S_30", "CKV_K8S_31"), RESTRICTED),
        "CKV_K8S_35": ("secrets_are_read_as_files",),
        "CKV_K8S_37": RESTRICTED,
        "CKV_K8S_38": ("no_api_token",),
        "CKV_K8S_39": RESTRICTED,
        "CKV_K8S_40": ("users_are_not_the_hosts",),
        "CKV_K8S_41": ACCOUNT,
        "CKV_K8S_42": ACCOUNT,
        "CKV_K8S_43": "it asks for a digest: whoever pushes an image knows its own and puts it into the overlay; "
        "`images_are_pinned` asks for a digest or an exact tag",
        "CKV2_K8S_6": ISOLATED,
    },
}


def covered_by(contract: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the linters of whose checks a contract covers some, each with those."""
    for linter, checks in CHECKS.items():
        names = [name for name, covered in checks.items() if not isinstance(covered, str) and contract in covered]
        if names:
            yield linter, names


def excused() -> Iterator[tuple[str, str, str]]:
    """Yield the checks that no contract covers: the linter, the check and the reason."""
    for linter, checks in CHECKS.items():
        for name, covered in checks.items():
            if isinstance(covered, str):
                yield linter, name, covered
