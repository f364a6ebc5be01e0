"""The mutations: for each contract, what it alone must reject."""

from tests.manifests.mutant import Mutation
from tests.manifests.mutations import form, network, pods, proxy, rollouts, service, together

TABLES = tuple(module.MUTATIONS for module in (form, network, pods, proxy, rollouts, service, together))
MUTATIONS = tuple(
    Mutation(contract, overlay, change)
    for table in TABLES
    for overlay, rows in table.items()
    for contract, change in rows
)
