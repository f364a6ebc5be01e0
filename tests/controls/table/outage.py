"""Wrong when what it depends on is gone."""

from tests.controls.control import Change, Control

SERVICE = "service.py"
READ = "    token = TOKEN.read_text()\n"
PING = "                return await self._ping()\n"

CONTROLS = (
    Control(
        "liveness-on-the-store",
        "fastapi",
        (
            Change(
                SERVICE,
                'async def live() -> str:\n    """Say that this process works."""\n',
                'async def live(response: Response) -> str:\n    """Say that this process works."""\n'
                "    if not await store.answers():\n        response.status_code = 503\n",
            ),
        ),
        ("outage.stopped.liveness", "outage.frozen.liveness", "outage.cut-off.liveness"),
        "One health endpoint that checks everything: an outage of the store restarts every pod.",
        may=("outage.*", "sigterm.outage.*"),
    ),
    Control(
        "readiness-ignores-the-store",
        "fastapi",
        (Change(SERVICE, "LAME_DUCK.exists() or not await store.answers()", "LAME_DUCK.exists()"),),
        ("outage.stopped.readiness", "outage.frozen.readiness", "outage.cut-off.readiness"),
        "Ready as soon as it runs: requests come that it cannot serve.",
    ),
    Control(
        "connection-is-never-renewed",
        "fastapi",
        (
            Change(SERVICE, "            self.close()\n            return False\n", "            return False\n"),
            Change(SERVICE, READ, READ + "    await store.answers()\n"),
        ),
        ("outage.stopped.recovers",),
        "A pool that does not notice that its connections are dead: only a restart mends it.",
        hides=("outage.*", "sigterm.outage.*"),
    ),
    Control(
        "no-timeout-on-the-store",
        "fastapi",
        (
            Change(
                SERVICE,
                "            async with asyncio.timeout(self._timeout_seconds):\n" + PING,
                "            return self._ping()\n",
            ),
            Change(
                SERVICE,
                "    async def _ping(self) -> bool:\n"
                "        if self._streams is None:\n"
                "            self._streams = await asyncio.open_connection(self._host, int(self._port))\n"
                "        reader, writer = self._streams\n"
                '        writer.write(b"PING\\n")\n'
                '        return await reader.readexactly(5) == b"PONG\\n"\n',
                "    def _ping(self) -> bool:\n"
                "        with socket.create_connection((self._host, int(self._port))) as connection:\n"
                '            connection.sendall(b"PING\\n")\n'
                '            return connection.recv(5) == b"PONG\\n"\n',
            ),
            Change(SERVICE, "import os\n", "import os\nimport socket\n"),
        ),
        ("outage.frozen.liveness",),
        "A driver that blocks, called from the event loop, without a timeout: a frozen store freezes all of it.",
        may=("outage.*", "sigterm.outage.*"),
    ),
    Control(
        "end-waits-for-the-store",
        "fastapi",
        (
            Change(
                SERVICE,
                "    yield\n    store.close()\n",
                "    yield\n    while not await store.answers():\n        pass\n    store.close()\n",
            ),
        ),
        ("sigterm.outage.within-grace",),
        "At the end it must tell the store, and waits until it can.",
        hides=("sigterm.outage.exit-code",),
    ),
)
