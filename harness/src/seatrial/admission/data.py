"""ConfigMaps, Secrets and claims: what they hold, and how much of it."""

import base64
import binascii
import json

from seatrial.admission import names
from seatrial.admission.refusal import Fields, Path, Refusal, Refusals, part
from seatrial.admission.volumes import claim
from seatrial.manifests.kustomize import Object

BYTES = 1024 * 1024
TYPES = {
    "kubernetes.io/tls": (("tls.crt",), ("tls.key",)),
    "kubernetes.io/dockerconfigjson": ((".dockerconfigjson",),),
    "kubernetes.io/dockercfg": ((".dockercfg",),),
    "kubernetes.io/basic-auth": (("username", "password"),),
    "kubernetes.io/ssh-auth": (("ssh-privatekey",),),
}
"""The keys that a Secret of a type needs: one at least of each group."""
JSON = (".dockerconfigjson", ".dockercfg")
ACCOUNT = "kubernetes.io/service-account.name"


def config_map(found: Object) -> Refusals:
    """Refuse a ConfigMap."""
    data, binary = part(found, "data"), part(found, "binaryData")
    yield from _keys(data, ("data",))
    yield from _keys(binary, ("binaryData",))
    for key in data.keys() & binary.keys():
        yield Refusal(("binaryData", key), "it is in `data` as well")
    decoded = {key: _decoded(value) for key, value in binary.items()}
    for key in (key for key, content in decoded.items() if content is None):
        yield Refusal(("binaryData", key), "it is no base64")
    yield from _size([*(str(value).encode() for value in data.values()), *filter(None, decoded.values())], ("data",))


def secret(found: Object) -> Refusals:
    """Refuse a Secret."""
    data, plain = part(found, "data"), part(found, "stringData")
    yield from _keys(data, ("data",))
    yield from _keys(plain, ("stringData",))
    decoded = {key: _decoded(value) for key, value in data.items()}
    for key in (key for key, content in decoded.items() if content is None):
        yield Refusal(("data", key), "it is no base64: plain text goes into `stringData`")
    content = {**decoded, **{key: str(value).encode() for key, value in plain.items()}}
    kind = found.get("type") or "Opaque"
    for keys in TYPES.get(kind, ()):
        if not any(key in content for key in keys):
            yield Refusal(("data", keys[0]), f"type {kind} needs {' or '.join(keys)}")
    for key in JSON if kind in TYPES else ():
        if (text := content.get(key)) and not _is_json(text):
            yield Refusal(("data", key), "it is no JSON")
    if kind == "kubernetes.io/service-account-token" and not part(found["metadata"], "annotations").get(ACCOUNT):
        yield Refusal(("metadata", "annotations", ACCOUNT), f"type {kind} needs it")
    yield from _size(list(filter(None, content.values())), ("data",))


def persistent_volume_claim(found: Object) -> Refusals:
    """Refuse a PersistentVolumeClaim."""
    yield from claim(part(found, "spec"), ("spec",))


def _keys(data: Fields, path: Path) -> Refusals:
    for key in data:
        if wrong := names.data_key(key):
            yield Refusal((*path, key), wrong)


def _decoded(value: object) -> bytes | None:
    try:
        # The server's decoder takes line breaks, and no other sign.
        return base64.b64decode("".join(str(value or "").splitlines()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _size(contents: list[bytes], path: Path) -> Refusals:
    if (size := sum(map(len, contents))) > BYTES:
        yield Refusal(path, f"{size} bytes in all; allowed: {BYTES}")
