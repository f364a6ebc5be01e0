"""Readiness: whether what the service depends on answers, asked once however many ask.

A required dependency that does not answer makes the service not ready. One that is only reported does not: the service
serves without it, and says in its answer, its log and its metrics that it is away.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping

import structlog

from app import outages

Check = Callable[[], Coroutine[None, None, None]]

_log = structlog.get_logger()


class Readiness:
    """The checks of what is `required` and of what is `reported`, by the dependencies' names.

    They run side by side, each within `timeout_seconds`; a result lasts `cache_seconds`.

    One run is in flight at a time and serves all who ask meanwhile: probes that come faster than a hung dependency
    answers cannot pile up.
    """

    def __init__(
        self,
        required: Mapping[str, Check],
        *,
        reported: Mapping[str, Check] | None = None,
        timeout_seconds: float,
        cache_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._required = frozenset(required)
        self._checks = {**required, **(reported or {})}
        self._timeout_seconds = timeout_seconds
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._last: dict[str, str] = {}
        self._causes: dict[str, str] = {}
        self._fresh_until = float("-inf")
        self._running: asyncio.Task[dict[str, str]] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def results(self) -> dict[str, str]:
        """Return `ok`, `timeout` or `failed` for each dependency by name."""
        if self._clock() < self._fresh_until:
            return self._last
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(self._running)  # one asker that gives up must not end it for the others

    def serves(self, results: Mapping[str, str]) -> bool:
        """Return whether the service serves with these results: each required dependency has answered."""
        return all(results[name] == "ok" for name in self._required)

    async def _run(self) -> dict[str, str]:
        names = list(self._checks)
        results = dict(zip(names, await asyncio.gather(*map(self._run_one, names)), strict=True))
        for name, result in results.items():
            if result != self._last.get(name, "ok"):
                cause = {"cause": self._causes[name]} if name in self._causes else {}
                _log.warning("dependency changed", dependency=name, result=result, **cause)
        self._last = results
        self._fresh_until = self._clock() + self._cache_seconds
        return results

    async def _run_one(self, name: str) -> str:
        """Return one dependency's result; whatever is not `ok` leaves its cause."""
        self._causes[name] = f"no answer within {self._timeout_seconds:g} s"
        task = self._tasks.get(name)
        if task is None or task.done():
            task = self._tasks[name] = asyncio.create_task(self._checks[name]())
        done, _ = await asyncio.wait({task}, timeout=self._timeout_seconds)
        if not done:
            # Not awaited: a driver may take its time to give up. Until it has, nothing new is asked of it.
            if not task.cancelling():
                task.cancel()
            return "timeout"
        if task.cancelled():
            return "timeout"
        if error := task.exception():
            self._causes[name] = outages.describe(error)
            return "failed"
        del self._causes[name]
        return "ok"
