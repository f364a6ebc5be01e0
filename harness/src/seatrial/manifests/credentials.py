"""The Secrets that pods need and manifests rightly lack: made up here, random, and never on a command line."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from seatrial.host.ports import HOST
from seatrial.manifests.kustomize import Object
from seatrial.manifests.pods import is_deployable, pod_spec
from seatrial.traffic.certificate import made_up

CERTIFICATE, KEY = "tls.crt", "tls.key"
"""The items of a Secret for TLS, by Kubernetes' own names (kubernetes.io/tls)."""


def random_value(_secret: str, _key: str) -> str:
    """Return a password that nobody has seen."""
    return secrets.token_urlsafe(24)


def value_of_run(run: str) -> Callable[[str, str], str]:
    """Return passwords that another deployment of the same run has, too: its volumes may have been kept."""
    return lambda secret, key: hashlib.sha256(f"{run}/{secret}/{key}".encode()).hexdigest()


def missing(objects: Iterable[Object], value: Callable[[str, str], str]) -> list[Object]:
    """Return a Secret for each that a volume of a pod names and the objects lack, with a value for each of its items.

    `value` is called with the names of the Secret and of the key; those of TLS are a certificate for this machine.
    """
    objects = list(objects)
    present = {found["metadata"]["name"] for found in objects if found["kind"] == "Secret"}
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for found in objects:
        for volume in pod_spec(found).get("volumes") or () if is_deployable(found) else ():
            match volume:
                case {"secret": {"secretName": name, "items": items, **rest}}:
                    if name not in present and not rest.get("optional"):
                        wanted[name] |= {item["key"] for item in items}
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "stringData": {key: value(name, key) for key in sorted(keys)} | _certificate(keys),
        }
        for name, keys in sorted(wanted.items())
    ]


def _certificate(keys: Collection[str]) -> dict[str, str]:
    if not {CERTIFICATE, KEY} <= set(keys):
        return {}
    made = made_up("localhost", HOST)
    return {CERTIFICATE: made.chain.decode(), KEY: made.key.decode()}
