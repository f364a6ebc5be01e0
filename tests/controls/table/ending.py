"""Wrong in how it ends."""

from tests.controls.control import Change, Control
from tests.controls.table.places import HANDLER, READY

SERVER, DEPLOYMENT, CONFIGURATION = "server.py", "deployment.yaml", "nginx.conf"
ENDED = '        print(f"ended after'
CLOSING = '        closing = self.terminating.is_set() or fields.get("connection") == "close"\n'
EVERY_END = ("sigterm.loaded", "sigterm.idle", "sigterm.starting", "sigterm.twice")
EVERY_GRACE = tuple(f"{each}.within-grace" for each in EVERY_END)
EVERY_EXIT_CODE = tuple(f"{each}.exit-code" for each in EVERY_END)
PRE_STOP = "          lifecycle:\n            preStop:\n              sleep: { seconds: 5 }\n"

CONTROLS = (
    Control(
        "no-lame-duck",
        "asyncio",
        (Change(SERVER, "LAME_DUCK_SECONDS = 5.0", "LAME_DUCK_SECONDS = 0.0"),),
        ("sigterm.no-request-lost", "sigterm.listener-stays-open"),
        "What a tutorial calls a graceful shutdown: it finishes what it has, and load balancers still send.",
        may=("sigterm.slow-requests-finish",),
    ),
    Control(
        "listener-closed-first",
        "asyncio",
        (
            Change(
                SERVER,
                "        await asyncio.sleep(LAME_DUCK_SECONDS)\n        listener.close()\n",
                "        listener.close()\n        await asyncio.sleep(LAME_DUCK_SECONDS)\n",
            ),
        ),
        ("sigterm.no-request-lost", "sigterm.listener-stays-open"),
        "It waits, but behind a closed door.",
        may=("sigterm.slow-requests-finish",),
    ),
    Control(
        "uvicorn-without-pre-stop",
        "uvicorn",
        (Change(DEPLOYMENT, PRE_STOP, ""),),
        ("sigterm.no-request-lost", "sigterm.listener-stays-open"),
        "uvicorn's own shutdown is graceful to requests, not to load balancers.",
        may=("sigterm.slow-requests-finish",),
    ),
    Control(
        "nginx-without-pre-stop",
        "nginx",
        (Change(DEPLOYMENT, PRE_STOP, ""),),
        ("sigterm.no-request-lost", "sigterm.listener-stays-open"),
        "SIGQUIT is graceful to requests, not to load balancers.",
        may=("sigterm.slow-requests-finish",),
    ),
    Control(
        "nginx-keeps-connections",
        "nginx",
        (Change(CONFIGURATION, "keepalive_timeout 0;", "keepalive_timeout 65s;"),),
        ("sigterm.no-reused-connection-closed", "sigterm.says-close"),
        "nginx's default: after the sleep it closes every idle connection, whatever is on its way there.",
    ),
    Control(
        "uvicorn-keeps-connections",
        "uvicorn",
        (Change(DEPLOYMENT, ", --header=connection:close]", "]"),),
        ("sigterm.no-reused-connection-closed", "sigterm.says-close"),
        "The common recipe, a preStop sleep before the stock server: one request is lost on each open connection.",
    ),
    Control(
        "closed-under-a-request",
        "asyncio",
        (
            Change(
                SERVER,
                CLOSING,
                CLOSING + "        if self.terminating.is_set() and served:\n            return False\n",
            ),
            Change(
                SERVER,
                "            while await self.answered(reader, writer):\n                pass\n",
                "            served = 0\n"
                "            while await self.answered(reader, writer, served):\n"
                "                served += 1\n",
            ),
            Change(
                SERVER, "writer: asyncio.StreamWriter) -> bool:", "writer: asyncio.StreamWriter, served: int) -> bool:"
            ),
        ),
        ("sigterm.no-reused-connection-closed",),
        "Kept connections are closed as soon as it is to end, with the requests on them.",
        may=("sigterm.says-close",),
    ),
    Control(
        "never-says-close",
        "asyncio",
        (Change(SERVER, CLOSING, CLOSING.replace("self.terminating.is_set() or ", "")),),
        ("sigterm.says-close", "sigterm.no-reused-connection-closed"),
        "Nothing tells clients to go elsewhere; at its end the connections go with it.",
    ),
    Control(
        "ready-to-the-end",
        "asyncio",
        (Change(SERVER, READY, "        return True\n"),),
        ("sigterm.readiness-fails",),
        "Readiness does not know of the drain; only the deletion itself takes it out of service.",
    ),
    Control(
        "slow-requests-are-cut",
        "asyncio",
        (
            Change(
                SERVER, "            await asyncio.wait(self.at_work, timeout=DRAIN_SECONDS)\n", "            pass\n"
            ),
        ),
        ("sigterm.slow-requests-finish",),
        "It ends when the lame duck is over, whatever is in flight.",
        may=("sigterm.no-request-lost",),
    ),
    Control(
        "exits-non-zero",
        "asyncio",
        (Change(SERVER, "asyncio.run(Server().run())", "asyncio.run(Server().run())\nraise SystemExit(1)"),),
        EVERY_EXIT_CODE,
        "The end is an error to the framework: each rollout looks like a crash.",
    ),
    Control(
        "needs-sigkill",
        "asyncio",
        (Change(SERVER, ENDED, "        await asyncio.Event().wait()\n" + ENDED),),
        EVERY_GRACE,
        "A background task that nobody cancels keeps the process alive.",
        hides=EVERY_EXIT_CODE,
    ),
    Control(
        "grace-period-too-short",
        "asyncio",
        (Change(DEPLOYMENT, "terminationGracePeriodSeconds: 12", "terminationGracePeriodSeconds: 4"),),
        EVERY_GRACE,
        "The lame duck was made longer, the grace period not.",
        hides=EVERY_EXIT_CODE,
        may=("sigterm.slow-requests-finish", "sigterm.no-request-lost"),
    ),
    Control(
        "second-signal-ends-at-once",
        "asyncio",
        (
            Change(
                SERVER,
                "        self.terminating.set()\n",
                "        if self.terminating.is_set():\n            sys.exit(143)\n        self.terminating.set()\n",
            ),
            Change(SERVER, "import signal\n", "import signal\nimport sys\n"),
        ),
        ("sigterm.twice.as-once",),
        "A second Ctrl-C is to force the end; a second SIGTERM, from whoever is impatient, cuts the lame duck.",
    ),
    Control(
        "deaf-while-it-starts",
        "asyncio",
        (Change(SERVER, HANDLER, "        time.sleep(7)\n" + HANDLER),),
        ("sigterm.starting.within-grace",),
        "Process 1 without a handler does not get the signal: a rollout that is undone waits for each pod.",
        hides=("sigterm.starting.exit-code",),
    ),
    Control(
        "worker-ignores-sigterm",
        "worker",
        (Change("worker.py", "lambda *_: terminating.set()", "signal.SIG_IGN"),),
        ("sigterm.idle.within-grace", "sigterm.starting.within-grace", "sigterm.twice.within-grace"),
        "Written as a script, which ended when its terminal did.",
        hides=EVERY_EXIT_CODE,
    ),
    Control(
        "shell-as-first-process",
        "asyncio",
        (
            Change(
                DEPLOYMENT, "command: [python, -u, /srv/server.py]", "command: [sh, -c, python -u /srv/server.py; true]"
            ),
        ),
        (*EVERY_GRACE, "sigterm.readiness-fails", "sigterm.says-close", "sigterm.no-reused-connection-closed"),
        "The shell is process 1, takes the signal, and hands it to nobody.",
        hides=EVERY_EXIT_CODE,
    ),
)
