"""A small FastAPI service that starts, serves and stops as its manifests promise."""
