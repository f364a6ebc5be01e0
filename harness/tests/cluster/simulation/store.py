"""What a simulated API server keeps: objects by path, their versions, and the history that watches are told."""

import asyncio
import copy
import itertools
import uuid
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

Json = dict[str, Any]


class Store:
    """Objects by path; every change has the next resourceVersion and is told to who watches its collection."""

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.history: list[tuple[int, str, str, Json]] = []
        self.oldest = 0
        self.version = 1
        self._changed = asyncio.Condition()
        self._numbers = itertools.count(2)

    def collection(self, path: str) -> Iterator[tuple[str, Json]]:
        """Return what a collection has, by path."""
        return ((each, found) for each, found in self.objects.items() if each.rpartition("/")[0] == path)

    async def put(self, path: str, body: Json) -> Json:
        """Keep an object, new or changed; without a change its version stays, as with the real one."""
        known = self.objects.get(path)
        found = copy.deepcopy(body)
        metadata = found.setdefault("metadata", {})
        for key in ("resourceVersion", "uid", "creationTimestamp", "generation", "deletionTimestamp"):
            if known and key in known["metadata"] and (key != "deletionTimestamp" or key not in metadata):
                metadata[key] = known["metadata"][key]
        metadata.setdefault("uid", str(uuid.uuid4()))
        metadata.setdefault("generation", 1)
        metadata.setdefault("creationTimestamp", f"2026-01-01T00:00:00.{self.version:06}Z")
        if known == found:
            return known
        if known and known.get("spec") != found.get("spec"):
            metadata["generation"] += 1
        await self._tell("MODIFIED" if known else "ADDED", path, found)
        self.objects[path] = found
        return found

    async def remove(self, path: str) -> Json | None:
        """Remove an object."""
        found = self.objects.pop(path, None)
        if found:
            await self._tell("DELETED", path, copy.deepcopy(found))
        return found

    async def watch(self, collection: str, since: int) -> AsyncIterator[tuple[str, Json]]:
        """Yield the changes of a collection after a version, for ever; ERROR when the history no longer has them."""
        at = since
        while True:
            if at < self.oldest:
                yield "ERROR", {"kind": "Status", "code": 410, "message": f"too old resource version: {at}"}
                return
            for version, change, path, found in self.history:
                if version > at and path.rpartition("/")[0] == collection:
                    yield change, found
            at = max(at, self.version)
            async with self._changed:
                await self._changed.wait_for(partial(self._is_past, at))

    async def forget(self) -> None:
        """Compact the history away, as etcd does."""
        self.oldest = self.version = next(self._numbers)
        self.history.clear()
        async with self._changed:
            self._changed.notify_all()

    def _is_past(self, version: int) -> bool:
        return self.version > version or self.oldest > version

    async def _tell(self, change: str, path: str, found: Json) -> None:
        self.version = next(self._numbers)
        found["metadata"]["resourceVersion"] = str(self.version)
        self.history.append((self.version, change, path, copy.deepcopy(found)))
        async with self._changed:
            self._changed.notify_all()
