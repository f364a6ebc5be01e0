"""The API's documentation: Swagger UI from a Python package, under a strict Content-Security-Policy.

`fastapi-offline` is wanted for its files alone. FastAPI's own page loads them from a CDN and starts them by a script in
the page, which the policy forbids.
"""

from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse
from starlette import status

from app.naming import TITLE

router = APIRouter(prefix="/docs", include_in_schema=False)

HEADERS = {
    "Cache-Control": "no-cache",
    # Swagger UI's style sheet has its icons in it (data:).
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon.png")
# All addresses are relative: a proxy may serve the API below a path.
PAGE = f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{TITLE}: API</title>
<link rel="icon" href="docs/favicon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"""
START = 'SwaggerUIBundle({url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true})\n'


@router.get("")
async def page() -> Response:
    """Return the page."""
    return Response(PAGE, headers=HEADERS, media_type="text/html")


@router.get("/start.js")
async def start() -> Response:
    """Return the script that starts Swagger UI."""
    return Response(START, headers=HEADERS, media_type="text/javascript")


@router.get("/{name}")
async def asset(name: str) -> Response:
    """Return one of Swagger UI's files."""
    if name not in FILES:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    return FileResponse(_assets() / name, headers=HEADERS)


def _assets() -> Path:
    package = find_spec("fastapi_offline")  # found, not imported: importing it would cost every start
    assert package  # noqa: S101 - for the type checker: it is a dependency
    assert package.origin  # noqa: S101 - as above
    return Path(package.origin).parent / "static"
