"""Wrong in how it starts, and in what it makes of settings."""

from tests.controls.control import Change, Control
from tests.controls.table.places import HANDLER, READY

SERVER, SERVICE = "server.py", "service.py"
REFUSED = """        sys.exit(f'{{"message": "{name} must be a number of seconds; given: {given}"}}')\n"""
READINESS = "readinessProbe:\n            httpGet: { path: /, port: http }"
NEVER_READY = (
    "start.*",
    "load.*",
    "logs.*",
    "bad-input.*",
    "security.*",
    "sigterm.*",
    "recovery.*",
    "memory.*",
    "hang.*",
    "podman.*",
)

CONTROLS = (
    Control(
        "startup-over-budget",
        "asyncio",
        (Change(SERVER, HANDLER, HANDLER + "        await asyncio.sleep(25)\n"),),
        ("start.ready-in-time",),
        "Its cache is filled before it listens, and has grown since somebody measured it.",
        hides=NEVER_READY,
    ),
    Control(
        "readiness-asks-for-nothing",
        "nginx",
        (Change("deployment.yaml", READINESS, READINESS.replace("/,", "/ready,")),),
        ("start.ready-in-time",),
        "The path is that of another service's probe: nothing answers there.",
        hides=NEVER_READY,
    ),
    Control(
        "ready-before-it-serves",
        "asyncio",
        (Change(SERVER, READY, '        return path in ("/live", "/ready") or self.age() > 3\n'),),
        ("start.serves-when-ready", "sigterm.readiness-fails", "recovery.killed-main-process", "memory.at-limit"),
        "The probes' endpoints are the web framework's, and do not know of the cache that is still being filled.",
    ),
    Control(
        "bad-setting-is-ignored",
        "fastapi",
        (Change(SERVICE, REFUSED, "        return 1.0\n"),),
        ("setting.bad-fails-fast",),
        "A default in place of an error: the misspelt value is found out in the next outage.",
    ),
    Control(
        "bad-setting-is-tried-for-ever",
        "fastapi",
        (
            Change(SERVICE, REFUSED, "        time.sleep(5)\n        return seconds(name)\n"),
            Change(SERVICE, "import sys\n", "import sys\nimport time\n"),
        ),
        ("setting.bad-fails-fast",),
        "It tries again without a word, as it would for what is another's fault.",
    ),
)
