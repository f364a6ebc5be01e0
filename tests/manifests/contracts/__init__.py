"""The contracts that read the service's own settings and routes, so that the manifests and the service cannot drift."""

from seatrial.contracts.contract import found_in

CONTRACTS = found_in(__name__, __path__)
