"""The mutations: for each contract, what it alone must reject."""

from tests.manifests.mutant import Mutation
from tests.manifests.mutations import form, network, pods, proxy, rollouts, service

TABLES = (form.MUTATIONS, network.MUTATIONS, pods.MUTATIONS, proxy.MUTATIONS, rollouts.MUTATIONS, service.MUTATIONS)
MUTATIONS = tuple(
    Mutation(contract, overlay, change)
    for table in TABLES
    for overlay, rows in table.items()
    for contract, change in rows
)
