"""(c) The service as its command line runs it, with all that is on by default, and the trivial route beside its own."""

import sys
from typing import Any

from fastapi import FastAPI

from app.__main__ import main
from app.serving import gunicorn
from bench.servers import hello

create_app = gunicorn.create_app


def create_app_with_hello(*args: Any, **kwargs: Any) -> FastAPI:
    """Return the service's application with one more route."""
    app = create_app(*args, **kwargs)
    app.include_router(hello.router)
    return app


if __name__ == "__main__":
    gunicorn.create_app = create_app_with_hello
    sys.exit(main(["serve"]))
