"""(a) with SQLAlchemy."""

from fastapi import FastAPI

from bench.servers import hello, notes

app = FastAPI()
app.include_router(hello.router)
app.include_router(notes.router)
