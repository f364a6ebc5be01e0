"""(a) Bare FastAPI, for stock uvicorn without an access log: the limit of this stack."""

from fastapi import FastAPI

from bench.servers import hello

app = FastAPI()
app.include_router(hello.router)
