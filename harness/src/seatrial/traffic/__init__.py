"""Requests that are sent, and what became of each."""
