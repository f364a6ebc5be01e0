"""The service while one writes it: `make dev`."""
