"""The entry: two workers under uvicorn's own supervisor, which replaces one that is dead or does not answer."""

import uvicorn
from service import LAME_DUCK  # type: ignore[import-not-found]  # it is beside this one, in the container

if __name__ == "__main__":
    LAME_DUCK.unlink(missing_ok=True)
    uvicorn.run(
        "service:app",
        host="0.0.0.0",
        port=8080,
        workers=2,
        timeout_worker_healthcheck=10,  # a worker that still imports on a busy machine is not dead
        timeout_graceful_shutdown=4,
        log_config=None,
        access_log=False,
    )
