"""The contracts: what every overlay must hold to. Each yields a message, with its arithmetic, for each breach."""

from collections.abc import Callable, Iterator

from tests.manifests.contracts.connections import connection_budget
from tests.manifests.contracts.probes import (
    liveness_differs_from_readiness,
    probe_paths_exist,
    probe_timeout_within_period,
    readiness_answers_within_the_probes_timeout,
    serving_containers_have_all_probes,
)
from tests.manifests.contracts.rollout import (
    dependencies_start_first,
    disruption_is_possible,
    rollout_keeps_capacity,
    selectors_match,
)
from tests.manifests.contracts.schema import schema
from tests.manifests.contracts.security import (
    host_ports_are_local,
    images_are_pinned,
    no_api_token,
    pod_security_restricted,
    writable_paths_are_volumes,
)
from tests.manifests.contracts.settings import settings_are_known, settings_are_valid
from tests.manifests.contracts.termination import (
    hung_worker_is_replaced_before_the_pod,
    lame_duck_outlasts_readiness,
    termination_budget,
)
from tests.manifests.overlay import Overlay

Contract = Callable[[Overlay], Iterator[str]]

CONTRACTS: tuple[Contract, ...] = (
    schema,
    pod_security_restricted,
    host_ports_are_local,
    no_api_token,
    images_are_pinned,
    writable_paths_are_volumes,
    serving_containers_have_all_probes,
    probe_timeout_within_period,
    readiness_answers_within_the_probes_timeout,
    probe_paths_exist,
    liveness_differs_from_readiness,
    termination_budget,
    lame_duck_outlasts_readiness,
    hung_worker_is_replaced_before_the_pod,
    settings_are_known,
    settings_are_valid,
    rollout_keeps_capacity,
    disruption_is_possible,
    selectors_match,
    dependencies_start_first,
    connection_budget,
)
