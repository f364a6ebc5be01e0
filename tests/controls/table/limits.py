"""Wrong at a limit and without a setting: what is not replaced at the memory limit, and what starts all the same."""

from tests.controls.control import Change, Control
from tests.controls.table.places import READY

SERVER, SERVICE = "server.py", "service.py"
SERVING = '        print(f"serving'
INDEX = """        index = "index = b'x' * 16_000_000; __import__('signal').pause()"
        self.index = await asyncio.create_subprocess_exec(sys.executable, "-c", index)
"""
CHECKED = """if not TOKEN.is_file():
    sys.exit(f'{{"message": "there is no {TOKEN}"}}')
"""

CONTROLS = (
    Control(
        "helper-is-not-replaced",
        "asyncio",
        (
            Change(SERVER, SERVING, INDEX + SERVING),
            Change(
                SERVER,
                READY,
                '        if path in ("/live", "/ready"):\n    '
                + READY
                + "        return self.index.returncode is None\n",
            ),
            Change(SERVER, "import signal\n", "import signal\nimport sys\n"),
        ),
        ("memory.at-limit",),
        "The largest process is killed at the limit, and it is not the one that the probes ask.",
    ),
    Control(
        "missing-setting-has-a-default",
        "fastapi",
        (Change(SERVICE, 'Store(setting("STORE"),', 'Store(os.environ.get("STORE", "localhost:6000"),'),),
        ("setting.missing-fails-fast",),
        "A default for development: it asks its own host, is never ready, and does not say why.",
    ),
    Control(
        "missing-secret-is-found-out-by-workers",
        "fastapi",
        (Change(SERVICE, CHECKED, ""),),
        ("setting.missing-fails-fast",),
        "Workers fail as they start, and their supervisor starts them again, for ever.",
    ),
)
