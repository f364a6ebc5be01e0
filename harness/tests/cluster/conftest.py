"""The simulated cluster, a context of it, and objects to deploy."""

from collections.abc import AsyncIterator

import pytest
import yaml

from harness.tests import servers
from harness.tests.cluster.simulation.cluster import Cluster
from harness.tests.cluster.simulation.server import TOKEN, ApiServer, serving
from harness.tests.traffic.test_clients import well
from seatrial.cluster.kubeconfig import Context
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.manifests.kustomize import Object

MANIFESTS = """
apiVersion: v1
kind: Service
metadata: {name: localhost}
spec: {selector: {app: it}, ports: [{port: PORT, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: it, namespace: elsewhere}
spec:
  replicas: 2
  selector: {matchLabels: {app: it}}
  template:
    metadata: {labels: {app: it}}
    spec:
      terminationGracePeriodSeconds: 5
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - name: prepare
          image: example.com/it:1
          securityContext: &unprivileged {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      containers:
        - name: it
          securityContext: *unprivileged
          image: example.com/it:1
          ports: [{name: http, containerPort: PORT}]
          volumeMounts: [{name: password, mountPath: /run/secrets}]
      volumes: [{name: password, secret: {secretName: it, items: [{key: password, path: password}]}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: it}
spec: {podSelector: {matchLabels: {app: it}}, policyTypes: [Ingress]}
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: it}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: it}
"""


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """Yield a cluster that does as it should, until a test tells it otherwise."""
    found = Cluster()
    yield found
    await found.close()


@pytest.fixture
async def server(cluster: Cluster) -> ApiServer:
    """Return its API server."""
    return ApiServer(cluster)


@pytest.fixture
async def url(server: ApiServer) -> AsyncIterator[str]:
    """Yield its address."""
    async with serving(server) as found:
        yield found


@pytest.fixture
def context(url: str) -> Context:
    """Return a context of it."""
    return Context("simulated", {"server": url}, {"token": TOKEN})


@pytest.fixture
def told() -> list[str]:
    """Return what the runtime has told its user."""
    return []


@pytest.fixture
def runtime(context: Context, told: list[str]) -> ClusterRuntime:
    """Return the runtime under test."""
    return ClusterRuntime(context, {"example.com/it": "example.com/other:2"}, told.append)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Yield the port of a server that answers well: what the simulated pods listen on."""
    async with servers.serving(well) as found:
        yield found


@pytest.fixture
def objects(port: int) -> list[Object]:
    """Return objects to deploy."""
    return list(yaml.safe_load_all(MANIFESTS.replace("PORT", str(port))))
