"""Watching a collection: what is there, then what changes, for ever; broken watches are resumed, gaps are listed."""

import asyncio
import json
import math
import time
from collections.abc import AsyncGenerator
from typing import Any

from seatrial.cluster.api import GONE, Api
from seatrial.errors import ApiError

Object = dict[str, Any]

WATCH_SECONDS = 60
MARGIN_SECONDS = 15
RETRY_SECONDS = 0.5
OPENED = "OPENED"
OPEN_SECONDS = 1.0
"""A watch that was open for so long was not refused."""
FAILURES = 10
"""How often in a row the server may refuse or break before the watch gives up."""


async def watch(api: Api, path: str, *, present: bool = True) -> AsyncGenerator[tuple[str, Object], None]:
    """Yield ("ADDED" | "MODIFIED" | "DELETED", object) of a collection; first, unless not asked for, what is there.

    An object that went while nobody watched is DELETED as it was last seen. Raises ApiError when the server goes on
    refusing.
    """
    seen: dict[str, Object] = {}
    version, failures = "", 0
    while True:
        opened = math.inf
        try:
            if not version:
                listed = await api.get(path)
                version = listed["metadata"]["resourceVersion"]
                changes = _compare(seen, listed.get("items") or [])
                for each in changes if present else []:
                    yield each
                present = True
            async for change, found in _changes(api, path, version):
                if change == OPENED:
                    opened = time.monotonic()
                    continue
                failures = 0
                version = found["metadata"]["resourceVersion"]
                if change != "BOOKMARK":
                    _keep(seen, change, found)
                    yield change, found
        except ApiError as error:
            # A proxy may cut a watch in which nothing happens.
            failures = 1 if time.monotonic() - opened >= OPEN_SECONDS else failures + 1
            if failures >= FAILURES:
                raise
            if error.status == GONE:
                version = ""  # the history that it would go on from: list anew
            await asyncio.sleep(RETRY_SECONDS * failures)


async def _changes(api: Api, path: str, version: str) -> AsyncGenerator[tuple[str, Object], None]:
    lines = api.lines(
        path,
        WATCH_SECONDS + MARGIN_SECONDS,
        watch="true",
        resourceVersion=version,
        allowWatchBookmarks="true",
        timeoutSeconds=str(WATCH_SECONDS),
    )
    try:
        async for line in lines:
            if not line:
                yield OPENED, {}
            elif line.strip():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raise ApiError(f"watching {path}: {status.get('message')}", status.get("code"))
                yield event["type"], event["object"]
    finally:
        await lines.aclose()


def _compare(seen: dict[str, Object], items: list[Object]) -> list[tuple[str, Object]]:
    """Take over a listing, and return what it changes in what was seen."""
    changes: list[tuple[str, Object]] = []
    listed = {found["metadata"]["uid"]: found for found in items}
    changes += [("DELETED", seen.pop(uid)) for uid in list(seen) if uid not in listed]
    for uid, found in listed.items():
        known = seen.get(uid)
        if known is None or known["metadata"]["resourceVersion"] != found["metadata"]["resourceVersion"]:
            changes.append(("MODIFIED" if known else "ADDED", found))
        seen[uid] = found
    return changes


def _keep(seen: dict[str, Object], change: str, found: Object) -> None:
    if change == "DELETED":
        seen.pop(found["metadata"]["uid"], None)
    else:
        seen[found["metadata"]["uid"]] = found
