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
)
