"""Make a machine ready for the project: find or install uv, podman and kustomize, by the system's Python alone."""
