"""Who may do what: roles, and whom they are given."""

from seatrial.admission.refusal import Path, Refusal, Refusals, listed, one_of, part, required
from seatrial.manifests.kustomize import Object

GROUP = "rbac.authorization.k8s.io"
ACCOUNT = "ServiceAccount"


def role(found: Object) -> Refusals:
    """Refuse a Role."""
    yield from _rules(found, whole_cluster=False)


def cluster_role(found: Object) -> Refusals:
    """Refuse a ClusterRole."""
    yield from _rules(found, whole_cluster=True)


def _rules(found: Object, *, whole_cluster: bool) -> Refusals:
    for here, rule in listed(found, (), "rules"):
        yield from required(rule, here, "verbs")
        if rule.get("nonResourceURLs"):
            if not whole_cluster:
                yield Refusal((*here, "nonResourceURLs"), "a ClusterRole alone has it")
            if any(rule.get(name) for name in ("apiGroups", "resources", "resourceNames")):
                yield Refusal((*here, "nonResourceURLs"), "it does not go with resources")
        else:
            yield from required(rule, here, "apiGroups", "resources")


def binding(found: Object) -> Refusals:
    """Refuse a RoleBinding or a ClusterRoleBinding."""
    role_ref: Path = ("roleRef",)
    yield from required(part(found, "roleRef"), role_ref, "name")
    yield from one_of(part(found, "roleRef"), role_ref, "apiGroup", (GROUP,))
    kinds = ("ClusterRole",) if found["kind"] == "ClusterRoleBinding" else ("Role", "ClusterRole")
    yield from one_of(part(found, "roleRef"), role_ref, "kind", kinds)
    for here, subject in listed(found, (), "subjects"):
        kind = subject.get("kind")
        yield from required(subject, here, "name")
        yield from one_of(subject, here, "kind", (ACCOUNT, "User", "Group"))
        if kind == ACCOUNT and subject.get("apiGroup"):
            yield Refusal((*here, "apiGroup"), f"given {subject['apiGroup']!r}; allowed for a {ACCOUNT}: none")
        elif kind != ACCOUNT:
            yield from one_of(subject, here, "apiGroup", (GROUP,))
        if kind == ACCOUNT and found["kind"] == "ClusterRoleBinding":
            yield from required(subject, here, "namespace")
