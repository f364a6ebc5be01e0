"""What YAML alone tells: every static claim, about Kustomize directories, files, or what is piped in."""
