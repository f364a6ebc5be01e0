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
    Control(
        "readiness-ignores-its-own-pod",
        "sidecar",
        (Change(SERVICE, "if LAME_DUCK.exists() or not await store.answers():", "if LAME_DUCK.exists():"),),
        ("outage.stopped.readiness", "outage.frozen.readiness"),
        "What runs in the same pod is taken to be there, whenever the pod is.",
    ),
)
