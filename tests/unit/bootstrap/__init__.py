"""Tests of the bootstrap's decisions, on hosts that are only described."""
