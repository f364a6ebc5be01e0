"""gunicorn as the process manager, uvicorn in its workers, and the drain that neither has."""
