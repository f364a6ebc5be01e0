"""Security, as the manifests promise it and as the running process has it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from seatrial.host.processes import Privileges
from seatrial.trial.judgement import Judged, Judgement, broken, claim, held, not_applicable, not_run
from seatrial.trial.seen import Lifetime

SECCOMP_FILTER = 2
NOT_SEEN = "there was no running container to look into"

Promise = tuple[str, Callable[[Privileges], bool], Callable[[Privileges], str]]
"""What is promised, whether a process keeps it, and what it has instead."""


def promised(
    identity: str, sentence: str, promises: Callable[[Mapping[str, Any]], Sequence[Promise]]
) -> Judged[Lifetime]:
    """Return a claim on every process; `promises` reads them from the container's security context."""

    @claim(identity, sentence)
    def keeps(seen: Lifetime) -> Judgement:
        found = promises(seen.subject.declared.security)
        if not found:
            return not_applicable("the manifests promise nothing of it")
        if seen.inside is None or not seen.inside.privileges:
            return not_run(NOT_SEEN)
        return judge(found, seen.inside.privileges)

    return keeps


def judge(promises: Sequence[Promise], processes: Sequence[Privileges]) -> Judgement:
    """Judge that each process keeps each promise."""
    bad = [
        f"process {each.pid}: {described(each)}, promised: {promise}"
        for promise, kept, described in promises
        for each in processes
        if not kept(each)
    ]
    if bad:
        return broken(*bad, processes=len(processes), breaches=len(bad))
    return held(
        *(f"{promise}: {described(processes[0])}" for promise, _, described in promises), processes=len(processes)
    )


def _user(context: Mapping[str, Any]) -> list[Promise]:
    found: list[Promise] = []
    if "runAsUser" in context:
        uid = context["runAsUser"]
        found.append((f"runAsUser {uid}", lambda each: each.uids == {uid}, lambda each: f"uid {_listed(each.uids)}"))
    if "runAsGroup" in context:
        gid = context["runAsGroup"]
        found.append((f"runAsGroup {gid}", lambda each: each.gids == {gid}, lambda each: f"gid {_listed(each.gids)}"))
    if context.get("runAsNonRoot"):
        found.append(("runAsNonRoot", lambda each: 0 not in each.uids, lambda each: f"uid {_listed(each.uids)}"))
    return found


def _root(context: Mapping[str, Any]) -> list[Promise]:
    if not context.get("readOnlyRootFilesystem"):
        return []
    return [
        (
            "readOnlyRootFilesystem",
            lambda each: each.read_only_root,
            lambda each: f"its root is mounted {'read-only' if each.read_only_root else 'writable'}",
        )
    ]


def _capabilities(context: Mapping[str, Any]) -> list[Promise]:
    capabilities = context.get("capabilities") or {}
    if "ALL" not in [each.upper() for each in capabilities.get("drop") or ()] or capabilities.get("add"):
        return []  # what is added is looked at by the contracts alone

    def described(each: Privileges) -> str:
        return f"capabilities {each.capabilities:#x}, bounded by {each.bounding:#x}"

    return [("drop ALL", lambda each: not (each.capabilities or each.bounding), described)]


def _new_privileges(context: Mapping[str, Any]) -> list[Promise]:
    if context.get("allowPrivilegeEscalation") is not False:
        return []
    return [
        (
            "allowPrivilegeEscalation false",
            lambda each: each.no_new_privileges,
            lambda each: f"NoNewPrivs {int(each.no_new_privileges)}",
        )
    ]


def _seccomp(context: Mapping[str, Any]) -> list[Promise]:
    kind = (context.get("seccompProfile") or {}).get("type")
    if kind not in ("RuntimeDefault", "Localhost"):
        return []
    return [
        (f"seccompProfile {kind}", lambda each: each.seccomp == SECCOMP_FILTER, lambda each: f"Seccomp {each.seccomp}")
    ]


def _listed(ids: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(ids)))


@claim("security.no-writes-outside-volumes", "It writes nowhere but on its volumes.")
def no_writes_outside_volumes(seen: Lifetime) -> Judgement:
    """Judge the files that were found on the root, and where podman alone lets write, after the load."""
    if seen.inside is None:
        return not_run(NOT_SEEN)
    written = seen.inside.written
    if written:
        return broken(f"{len(written)} files: {', '.join(written[:5])}", files=len(written))
    return held("no file was written, changed or removed outside of volumes", files=0)


CLAIMS = (
    promised("security.user", "Every process has the user and group that the manifests promise.", _user),
    promised("security.root", "Its root is read-only if the manifests promise it.", _root),
    promised("security.capabilities", "No process has a capability if the manifests drop them all.", _capabilities),
    promised(
        "security.no-new-privileges", "No process can gain privileges if the manifests forbid it.", _new_privileges
    ),
    promised("security.seccomp", "Every process is under seccomp if the manifests promise it.", _seccomp),
    no_writes_outside_volumes,
)
