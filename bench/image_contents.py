"""What is in the service's image and why, largest first."""

from bench import podman
from bench.effort import Effort
from bench.rounds import spread
from bench.rows import Row
from images import service
from seatrial.podman import images

SHOWN_FROM_MIB = 1.0
WHY = {
    "sqlalchemy": "models, sessions, the pool",
    "asyncpg": "the driver for PostgreSQL",
    "pydantic_core": "validation of every request and of the settings",
    "pydantic": "validation of every request and of the settings",
    "uvloop": "the event loop",
    "fastapi": "the framework",
    "starlette": "what FastAPI is made of",
    "alembic": "migrations, run by the init container of the same image",
    "gunicorn": "starts, watches and replaces workers",
    "uvicorn": "the server in each worker",
    "httptools": "parses HTTP",
    "structlog": "logs",
    "orjson": "JSON of logs and problem details",
    "greenlet": "SQLAlchemy's asyncio needs it",
    "websockets": "comes with a dependency",
    "pygments": "comes with a dependency",
    "prometheus_client": "metrics",
    "mako": "alembic's templates",
}
LIST = "du -sk /venv/lib/python3*/site-packages/* /srv/service"


async def measure(_effort: Effort) -> list[Row]:
    """Return a row for whatever the service adds to its base and takes a MiB or more, and one for the rest."""
    bases = await images.base_images(service.CONTAINERFILE, tell=print)
    image = await service.build(bases)
    listed = await podman.podman("run", "--rm", "--network=none", "--entrypoint=sh", image, "-c", LIST)
    sizes = parse(listed)
    shown = {name: mib for name, mib in sizes.items() if mib >= SHOWN_FROM_MIB}
    return [
        *(
            Row(f"in the image: `{name}`", "MiB", spread([mib]), note=WHY.get(name, ""))
            for name, mib in sorted(shown.items(), key=lambda size: -size[1])
        ),
        Row("in the image: smaller packages, together", "MiB", spread([sum(sizes.values()) - sum(shown.values())])),
    ]


def parse(listed: str) -> dict[str, float]:
    """Return MiB by name, from what du prints; a package counts with the libraries that its wheel brought."""
    sizes: dict[str, float] = {}
    for line in listed.splitlines():
        kib, path = line.split("\t")
        name = path.rpartition("/")[2].partition(".")[0].lower()
        sizes[name] = sizes.get(name, 0.0) + int(kib) / 1024
    return sizes
