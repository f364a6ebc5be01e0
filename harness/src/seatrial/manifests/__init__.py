"""Kubernetes objects: rendered, read as typed views, and made playable. Nothing is run here but kustomize."""
