"""(c) The service as its command line runs it, with all that is on by default, and the trivial route beside its own."""

import sys

from fastapi import FastAPI

from app.__main__ import main
from app.serving.gunicorn import Gunicorn
from bench.servers import hello

load = Gunicorn.load


def load_with_hello(self: Gunicorn) -> FastAPI:
    """Return the service's application with one more route."""
    app = load(self)
    app.include_router(hello.router)
    # Routes are tried in order: (a) and (b) have no other before it, either.
    app.router.routes.insert(0, app.router.routes.pop())
    return app


if __name__ == "__main__":
    Gunicorn.load = load_with_hello  # type: ignore[method-assign]  # the service has no seam for a benchmark's route
    sys.exit(main(["serve"]))
