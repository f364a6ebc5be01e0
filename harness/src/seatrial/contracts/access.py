"""What pods may do beside their work: API tokens, secrets in the open, ports of the host."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from seatrial.contracts.contract import Check, contract, contract_for
from seatrial.contracts.overlay import Overlay
from seatrial.manifests.place import Place, whole
from seatrial.manifests.workload import Workload

AUTOMOUNT = "automountServiceAccountToken"
LOOPBACK = "127.0.0.1"
SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|(?<![A-Z])(PASS|PWD)|(?<!TLS[_-])(?<!PULL[_-])SECRET|TOKEN|CREDENTIAL"
    r"|(API|PRIVATE|ACCESS|SECRET)[_-]?KEY([_-]BASE)?)S?([_-]?\d+)?(\.txt)?$",
    re.IGNORECASE,
)
"""It ends in what it is: what comes behind that (_FILE, _TTL, _ISSUER) says that it is something about a secret."""
SECRET_VALUE = re.compile(
    r"://[^/\s:@]*:(?![$<{])[^/\s:@]+@"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bxox[abps]-[A-Za-z0-9-]{10,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\."
    r"|(?im:^[ \t]*(\w[\w.-]*)?passw(or)?d[ \t]*[=:][ \t]*(?=\S*\d)[\w!#%+-]+[ \t]*$)"
)
"""Of a file's lines those alone whose password has a digit: a text on a form, or a type, has none."""
OPTION = re.compile(r"--?(?!(no|use|require|allow|enable|disable|with|without|skip)-)\w[\w.-]*", re.IGNORECASE)
HARMLESS = re.compile(
    r"(/.*|\d*|true|false|yes|no|on|off|none|null|\w+://[^@]*|(env|file|vault|ref|ssm|op):.*|\$[({]?\w.*)",
    re.IGNORECASE,
)
"""A path, a number, a switch, a URL without a user, a reference: what variables with such names may well have."""
PLACEHOLDER = re.compile(
    r"<.*>|\[.*\]|\{.*\}|%\w+%|__\w+__|@\w+@|\.\.\.|x{3,}|\*{3,}|todo.*|tbd|fixme.*|dummy|your[ _-].*"
    r"|((please|to)[ _-]?)*(change|replace|set|fill|insert|put|add|enter)[ _-]?(this|it|me|with|in|your|here|be).*"
    r"|.*[ _-]?(placeholder|redacted|goes[ _-]here)",
    re.IGNORECASE,
)
"""What stands for a secret that somebody has yet to put there."""
LONG_NUMBER = re.compile(r"\d{4,}")


def _account(workload: Workload) -> str:
    return str(workload.spec.get("serviceAccountName", "default"))


@contract
def no_api_token(overlay: Overlay) -> Iterator[Check]:
    """No pod gets a token of the API server, but one whose service account the overlay gives a role."""
    bound = {
        subject["name"]
        for binding in overlay.of_kind("RoleBinding", "ClusterRoleBinding")
        for subject in binding.get("subjects", ())
        if subject["kind"] == "ServiceAccount"
    }
    accounts = {found["metadata"]["name"]: found for found in overlay.of_kind("ServiceAccount")}
    for workload in overlay.workloads():
        name = _account(workload)
        by_default = accounts.get(name, {}).get(AUTOMOUNT, "not set")
        given = workload.spec.get(AUTOMOUNT, by_default)
        role = ", which has a role" if name in bound else ""
        text = f"{AUTOMOUNT} {str(given).lower()}, service account {name}{role}"
        yield Check(workload.pod_at(AUTOMOUNT), given is False or name in bound, text)


@contract_for("cluster")
def service_accounts_are_own(overlay: Overlay) -> Iterator[Check]:
    """On a cluster a pod has a service account of its own, which is there: what `default` may do, every pod may."""
    accounts = {found["metadata"]["name"] for found in overlay.of_kind("ServiceAccount")} - {"default"}
    for workload in overlay.workloads():
        name = _account(workload)
        text = f"service account {name} out of {', '.join(sorted(accounts)) or 'none'}"
        yield Check(workload.pod_at("serviceAccountName"), name in accounts, text)


@contract
def secrets_are_not_in_the_open(overlay: Overlay) -> Iterator[Check]:
    """No secret is in a ConfigMap, an argument or a variable's value: those are shown to whoever may look."""
    for found in overlay.of_kind("ConfigMap"):
        entries = found.get("data", {})
        yield _told(
            whole(found).at("data"), [key for key, value in entries.items() if _is_secret(key, value)], len(entries)
        )
    for container in overlay.containers():
        variables = {entry["name"]: entry.get("value", "") for entry in container.raw.get("env", ())}
        words = [*container.raw.get("command", ()), *container.raw.get("args", ())]
        given = [name for name, value in variables.items() if _is_secret(name, value)]
        given += _secret_options(words)
        given += [f"argument {number}" for number, word in enumerate(words) if SECRET_VALUE.search(word)]
        yield _told(container.where, given, len(variables) + len(words))


def _secret_options(words: list[str]) -> Iterator[str]:
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        name, given, value = word.partition("=")
        if not given and not following.startswith("-"):
            value = following
        if OPTION.fullmatch(name) and _is_named_secret(name, value):
            yield name


def _is_secret(name: str, value: str) -> bool:
    return _is_named_secret(name, value) or bool(SECRET_VALUE.search(value))


def _is_named_secret(name: str, value: str) -> bool:
    if not (named := SECRET_NAME.search(name)):
        return False
    if LONG_NUMBER.fullmatch(value):
        return named[0][0] in "Pp"  # a password may be one; of tokens it is a count
    return not (HARMLESS.fullmatch(value) or PLACEHOLDER.fullmatch(value))


def _told(where: Place, secrets: list[str], looked_at: int) -> Check:
    text = f"looks like a secret: {', '.join(secrets)}" if secrets else f"none among {looked_at} values"
    return Check(where, not secrets, text)


@contract_for("cluster")
def secrets_are_read_as_files(overlay: Overlay) -> Iterator[Check]:
    """On a cluster a secret is a file, not a variable: every child process and crash report gets the variables."""
    for container in overlay.containers():
        raw = container.raw
        taken = [each["name"] for each in raw.get("env", ()) if "secretKeyRef" in each.get("valueFrom", {})]
        taken += [each["secretRef"]["name"] for each in raw.get("envFrom", ()) if "secretRef" in each]
        yield Check(container.where.at("env"), not taken, f"variables from Secrets: {', '.join(taken) or 'none'}")


@contract
def host_ports_are_local(overlay: Overlay) -> Iterator[Check]:
    """A host port is for podman alone, where it is of the loopback address; Pod Security allows none on a cluster."""
    for container in overlay.containers():
        for index, port in enumerate(container.ports):
            if "hostPort" in port and overlay.runtime:
                yield _host_port(
                    container.where.at("ports", index, "hostPort"), port, on_podman=overlay.runtime == "podman"
                )


def _host_port(where: Place, port: dict[str, Any], *, on_podman: bool) -> Check:
    address = port.get("hostIP", "any address")
    return Check(where, on_podman and address == LOOPBACK, f"hostPort {port['hostPort']} of {address}")
