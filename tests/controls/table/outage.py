"""Wrong when what it depends on is gone."""

from tests.controls.control import Change, Control

SERVICE, SERVE, DEPLOYMENT = "service.py", "serve.py", "deployment.yaml"
READ = "    token = TOKEN.read_text()\n"
PING = "        if self._streams is None:\n"
CONNECT = "            self._streams = await asyncio.open_connection({}, int(self._port))\n"
ASKED = "    await store.answers()\n"
"""Each worker has asked the store before the first outage."""
CAUGHT = "        except (OSError, TimeoutError, asyncio.IncompleteReadError):\n"
CONNECTION = "        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None\n"
FAILED = "            self.close()\n            return False\n"
LEAVE = "    yield\n    store.close()\n"
BLOCKING = """        with socket.create_connection((self._host, int(self._port))) as connection:
            connection.sendall(b"PING\\n")
            return connection.recv(5) == b"PONG\\n"
"""
GONE = tuple(f"outage.{fault}.readiness" for fault in ("stopped", "frozen", "cut-off"))
WATCH = '''async def watch() -> None:
    """Take it out of service, until somebody has looked, when most answers of the store are late."""
    watched, recent = Store(os.environ["STORE"], seconds("STORE_TIMEOUT_SECONDS")), deque([True] * 3, 3)
    while not await watched.answers():
        await asyncio.sleep(0.1)
    while sum(recent) > 1:
        recent.append(await watched.answers())
        await asyncio.sleep(0.1)
    LAME_DUCK.touch()


'''

CONTROLS = (
    Control(
        "liveness-on-the-store",
        "fastapi",
        (
            Change(
                SERVICE,
                'async def live() -> str:\n    """Say that this process works."""\n',
                'async def live(response: Response) -> str:\n    """Say that this process works."""\n'
                "    good = await store.answers()\n"
                "    await asyncio.sleep(0.1)\n"
                "    if not (good and await store.answers()):\n        response.status_code = 503\n",
            ),
        ),
        ("outage.slow.liveness", "outage.stopped.liveness", "outage.frozen.liveness", "outage.cut-off.liveness"),
        "One health endpoint that checks everything, twice: an outage of the store restarts every pod.",
        may=("outage.*", "sigterm.outage.*"),
    ),
    Control(
        "connection-is-never-renewed",
        "fastapi",
        (
            Change(
                SERVICE,
                CAUGHT + FAILED,
                "        except TimeoutError:\n"
                + FAILED
                + "        except (OSError, asyncio.IncompleteReadError):\n            return False\n",
            ),
            # A second worker, that was not asked just before, has no connection that could die.
            Change(SERVE, "workers=2", "workers=1"),
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
    Control(
        "readiness-ignores-the-store",
        "fastapi",
        (Change(SERVICE, "if LAME_DUCK.exists() or not await store.answers():", "if LAME_DUCK.exists():"),),
        GONE,
        "Left out so that an outage does not take all pods out of service: requests are sent to what cannot answer.",
    ),
    Control(
        "no-timeout-on-the-store",
        "fastapi",
        (
            Change(SERVICE, PING, BLOCKING + PING),
            Change(SERVICE, "import os\n", "import os\nimport socket\n"),
        ),
        ("outage.frozen.liveness",),
        "A client that blocks, and has no timeout unless it is given one, in a handler that is not to block.",
        may=("outage.*", "sigterm.outage.*"),
    ),
    Control(
        "out-of-service-until-somebody-looks",
        "fastapi",
        (
            Change(SERVICE, "import sys\n", "import sys\nfrom collections import deque\n"),
            Change(SERVICE, "@asynccontextmanager\n", WATCH + "@asynccontextmanager\n"),
            Change(SERVICE, READ, READ + "    watching = asyncio.create_task(watch())\n"),
            Change(SERVICE, LEAVE, LEAVE + "    watching.cancel()\n"),
        ),
        ("outage.slow.recovers",),
        "A circuit breaker that opens by itself, and does not close by itself.",
        hides=("outage.stopped.*", "outage.frozen.*", "outage.cut-off.*", "sigterm.outage.*"),
    ),
    Control(
        "out-of-service-after-a-timeout",
        "fastapi",
        (
            Change(
                SERVICE,
                CAUGHT,
                "        except TimeoutError:\n            LAME_DUCK.touch()\n            return False\n"
                "        except (OSError, asyncio.IncompleteReadError):\n",
            ),
            Change(DEPLOYMENT, 'value: "0.5"', 'value: "1.5"'),
        ),
        ("outage.frozen.recovers",),
        "The same, more patient: what is slow does not open it.",
        hides=("outage.cut-off.*", "sigterm.outage.*"),
    ),
    Control(
        "address-is-looked-up-once",
        "fastapi",
        (
            Change(SERVICE, PING, PING + "            self._host = socket.gethostbyname(self._host)\n"),
            Change(SERVICE, READ, READ + ASKED),
            Change(SERVICE, "import os\n", "import os\nimport socket\n"),
        ),
        ("outage.stopped.recovers",),
        "A cache of names that nothing expires: what it depends on is back under another address, and it never asks.",
        hides=("outage.frozen.*", "outage.cut-off.*", "sigterm.outage.*"),
    ),
    Control(
        "address-outlives-a-timeout",
        "fastapi",
        (
            Change(SERVICE, "self._host, _, self._port = address", "self._name, _, self._port = address"),
            Change(SERVICE, READ, READ + ASKED),
            Change(SERVICE, CONNECTION, CONNECTION + "        self._host: str | None = None\n"),
            # Kept is an address that has answered: one that was looked up as the store went away would never do.
            Change(
                SERVICE,
                CONNECT.format("self._host"),
                "            found = asyncio.get_running_loop().getaddrinfo\n"
                "            host = self._host or (await found(self._name, None))[0][4][0]\n"
                + CONNECT.format("host")
                + "            self._host = host\n",
            ),
            # That there is no route may be told in time, or late: by chance.
            Change(
                SERVICE,
                CAUGHT,
                "        except (ConnectionError, asyncio.IncompleteReadError):\n"
                "            self._host = None\n" + FAILED + "        except OSError:\n",
            ),
            # Another worker, that nobody asked meanwhile, would find its connection closed.
            Change(SERVE, "workers=2", "workers=1"),
        ),
        ("outage.cut-off.recovers",),
        "It looks the name up again when a connection is refused or closed: where packets are lost, none is.",
        hides=("sigterm.outage.*",),
    ),
    Control(
        "end-waits-for-the-store",
        "fastapi",
        (Change(SERVICE, LEAVE, "    yield\n    await store._ping()\n"),),
        ("sigterm.outage.within-grace",),
        "It says goodbye, and waits for the answer: no rollout mends what an outage has broken.",
        hides=("sigterm.outage.exit-code",),
    ),
    Control(
        "end-fails-without-the-store",
        "fastapi",
        (
            Change(
                SERVE,
                "        access_log=False,\n    )\n",
                "        access_log=False,\n    )\n" + "    sys.exit(not asyncio.run(store.answers()))\n",
            ),
            Change(SERVE, "import uvicorn\n", "import asyncio\nimport sys\n\nimport uvicorn\n"),
            Change(SERVE, "import LAME_DUCK  #", "import LAME_DUCK, store  #"),
        ),
        ("sigterm.outage.exit-code",),
        "What it does last needs the store, and what cannot be done is an error.",
    ),
)
