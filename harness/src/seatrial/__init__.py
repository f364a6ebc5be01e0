"""A small kubelet for podman, and the evidence it gathers: black box to the service it judges."""
