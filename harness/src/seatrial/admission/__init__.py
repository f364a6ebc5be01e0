"""What the API server refuses although the schema allows it: Kubernetes' own rules (its `validation.go`), by field."""
