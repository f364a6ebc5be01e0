"""(b) with SQLAlchemy."""

from bench.servers import notes
from bench.servers.tutorial import app

app.include_router(notes.router)
