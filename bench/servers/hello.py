"""The trivial route that every server has."""

from fastapi import APIRouter

router = APIRouter()


@router.get("/hello")
async def hello() -> dict[str, str]:
    """Answer as little as JSON can be."""
    return {"message": "hello"}
