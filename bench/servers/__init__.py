"""The servers that are compared, each as its own process runs it."""
