"""The podman command line, and what it needs to be told."""
