"""Contracts that know nothing of the application: what the YAML of any deployment must hold to."""

from seatrial.contracts.contract import Check, Contract, found_in
from seatrial.contracts.overlay import Overlay

__all__ = ["CONTRACTS", "Check", "Contract", "Overlay"]

CONTRACTS = found_in(__name__, __path__)
