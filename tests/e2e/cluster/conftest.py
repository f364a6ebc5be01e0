"""The cluster, for tests that ask more of it than a runtime has."""

import pytest

from seatrial.cluster.runtime import ClusterRuntime
from seatrial.runtime import Runtime


@pytest.fixture
def cluster(runtime: Runtime) -> ClusterRuntime:
    """Return the runtime, which the marker `cluster_only` has seen to."""
    assert isinstance(runtime, ClusterRuntime)
    return runtime
