"""A simulated cluster: a small API server on HTTP, and what a kubelet and controllers would do. No Kubernetes."""
