"""Making the example one's own: `python -m fork`."""
