"""Where the API server keeps objects: their paths, as its own discovery tells them."""

from dataclasses import dataclass, field

from seatrial.cluster.api import Api
from seatrial.errors import ApiError
from seatrial.manifests.kustomize import Object

NOT_FOUND = 404
OUTWARD = ("Ingress", "Gateway", "VirtualService", "HTTPProxy")


def core(namespace: str, plural: str, name: str = "") -> str:
    """Return the path of the core group's objects in a namespace, or of one of them."""
    return f"/api/v1/namespaces/{namespace}/{plural}" + (f"/{name}" if name else "")


def named(group_version: str, namespace: str, plural: str, name: str = "") -> str:
    """Return the path of another group's objects in a namespace, or of one of them."""
    return f"/apis/{group_version}/namespaces/{namespace}/{plural}" + (f"/{name}" if name else "")


def pods(namespace: str, name: str = "") -> str:
    """Return the path of a namespace's pods, or of one."""
    return core(namespace, "pods", name)


def deployments(namespace: str, name: str = "") -> str:
    """Return the path of a namespace's Deployments, or of one."""
    return named("apps/v1", namespace, "deployments", name)


@dataclass
class Resources:
    """What the server can keep: asked once for each group and version."""

    api: Api
    _known: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict)

    async def why_not(self, found: Object) -> str | None:
        """Return why an object cannot be put into a namespace of this server, None when it can."""
        if found["kind"] in OUTWARD or found["kind"].endswith("Route"):
            return f"{found['kind']} leads traffic in from outside, and another deployment's hosts may be in it"
        kinds = await self._kinds(found["apiVersion"])
        if found["kind"] not in kinds:
            return f"the server has no {found['kind']} in {found['apiVersion']}: its CRD is not installed"
        if not kinds[found["kind"]][1]:
            return f"{found['kind']} belongs to no namespace, and nothing is created beside the run's own"
        return None

    async def path(self, found: Object, namespace: str) -> str:
        """Return an object's path in a namespace."""
        plural, _ = (await self._kinds(found["apiVersion"]))[found["kind"]]
        make = core if found["apiVersion"] == "v1" else (lambda *rest: named(found["apiVersion"], *rest))
        return make(namespace, plural, found["metadata"]["name"])

    async def has(self, group_version: str, kind: str) -> bool:
        """Tell whether the server has a kind."""
        return kind in await self._kinds(group_version)

    async def _kinds(self, group_version: str) -> dict[str, tuple[str, bool]]:
        if group_version not in self._known:
            root = "/api/v1" if group_version == "v1" else f"/apis/{group_version}"
            try:
                listed = (await self.api.get(root))["resources"]
            except ApiError as error:
                if error.status != NOT_FOUND:
                    raise
                listed = []
            self._known[group_version] = {
                each["kind"]: (each["name"], each["namespaced"]) for each in listed if "/" not in each["name"]
            }
        return self._known[group_version]
