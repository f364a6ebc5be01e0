"""Wrong while it runs: under load, by bad input, in what it writes, and in how it is mended."""

from tests.controls.control import Change, Control
from tests.controls.table.places import READY

SERVER, DEPLOYMENT, SERVICE, CONFIGURATION = "server.py", "deployment.yaml", "service.py", "nginx.conf"
FRESH = "self.began = time.monotonic()\n"
ANSWERED = "        self.answers += 1\n"
LIVENESS = """          livenessProbe:
            httpGet: { path: /live, port: http }
            periodSeconds: 2
            failureThreshold: 3
"""

CONTROLS = (
    Control(
        "readiness-flaps",
        "asyncio",
        (Change(SERVER, READY, READY.rstrip() + ' and (path != "/ready" or not 3 < self.age() < 7)\n'),),
        ("start.no-flapping",),
        "A job that runs soon after the start has readiness fail for some seconds.",
        may=("load.stays-ready",),
    ),
    Control(
        "not-ready-under-load",
        "asyncio",
        (
            Change(
                SERVER,
                READY,
                '        if path == "/ready":\n'
                "            answers, self.seen = self.answers - self.seen, self.answers\n"
                "            return answers < 60 and not self.terminating.is_set()\n"
                "        return True\n",
            ),
            Change(SERVER, "        self.answers = 0\n", "        self.answers = self.seen = 0\n"),
        ),
        ("load.stays-ready",),
        "It sheds load by its readiness: what one replica sheds is too much for the others.",
    ),
    Control(
        "recycled-under-requests",
        "asyncio",
        (
            Change(
                SERVER,
                "        await reader.readexactly(length)\n",
                "        await reader.readexactly(length)\n"
                "        if self.answers in range(400, 410):\n"
                "            self.answers += 1\n"
                "            return False\n",
            ),
        ),
        ("load.requests-are-answered",),
        "A worker is replaced after so many requests, and takes those on its connections with it.",
    ),
    Control(
        "limited-by-the-proxy",
        "nginx",
        (
            Change(
                CONFIGURATION,
                "    server {\n",
                "    limit_req_zone $server_port zone=all:32k rate=50r/s;\n"
                "    limit_req zone=all burst=5 nodelay;\n    server {\n",
            ),
        ),
        ("load.requests-are-answered",),
        "A limit that was meant for each client is one for all.",
        may=("sigterm.no-request-lost", "sigterm.slow-requests-finish", "load.stays-ready", "bad-input.stays-ready"),
    ),
    Control(
        "memory-grows-with-requests",
        "asyncio",
        (
            Change(SERVER, ANSWERED, ANSWERED + "        self.kept.append(bytes(range(250)) * 500)\n"),
            Change(SERVER, FRESH, FRESH + "        self.kept: list[bytes] = []\n"),
        ),
        ("load.memory",),
        "A cache without a limit.",
        may=("load.*", "bad-input.*", "sigterm.*"),
    ),
    Control(
        "writes-to-tmp",
        "asyncio",
        (
            Change(DEPLOYMENT, "mountPath: /tmp", "mountPath: /scratch"),
            Change(
                SERVER,
                "        await self.terminating.wait()\n",
                '        open("/tmp/pid", "w").close()\n        await self.terminating.wait()\n',
            ),
        ),
        ("security.no-writes-outside-volumes",),
        "podman gives a read-only root a writable /tmp, Kubernetes does not: it fails on the cluster alone.",
    ),
    Control(
        "pid-file-in-var-tmp",
        "nginx",
        (Change(CONFIGURATION, "pid /tmp/nginx.pid", "pid /var/tmp/nginx.pid"),),
        ("security.no-writes-outside-volumes",),
        "A place that is writable on podman, and not on Kubernetes.",
    ),
    Control(
        "runs-as-root",
        "asyncio",
        (Change(DEPLOYMENT, "        runAsUser: 10001\n        runAsGroup: 10001\n", ""),),
        ("security.user",),
        "runAsNonRoot alone: the kubelet refuses the image's root, podman does not care.",
    ),
    Control(
        "privileged",
        "asyncio",
        (Change(DEPLOYMENT, "allowPrivilegeEscalation: false", "privileged: true"),),
        ("yaml.pod-security-restricted", "security.capabilities", "security.seccomp"),
        "It made an error go away.",
    ),
    Control(
        "seccomp-of-old",
        "asyncio",
        (
            Change(
                DEPLOYMENT,
                "    metadata:\n      labels:\n",
                "    metadata:\n      annotations:\n        seccomp.security.alpha.kubernetes.io/pod: unconfined\n"
                "      labels:\n",
            ),
        ),
        ("security.seccomp",),
        "An annotation of old: Kubernetes has forgotten it, podman obeys it.",
    ),
    Control(
        "log-lines-of-text",
        "nginx",
        (Change(CONFIGURATION, "access_log /dev/stdout json;", "access_log /dev/stdout;"),),
        ("logs.json",),
        "The format is defined, and not used.",
    ),
    Control(
        "print-among-json",
        "fastapi",
        (Change(SERVICE, "    token = TOKEN.read_text()\n", '    token = TOKEN.read_text()\n    print("starting")\n'),),
        ("logs.json",),
        "One print for debugging stayed.",
    ),
    Control(
        "secret-in-logs",
        "fastapi",
        (Change(SERVICE, '"a token of %d characters", len(token)', '"token %s", token'),),
        ("logs.no-secrets",),
        "The settings are logged at the start, all of them.",
    ),
    Control(
        "ended-by-bad-input",
        "asyncio",
        (
            Change(SERVER, "asyncio.IncompleteReadError, asyncio.LimitOverrunError):", "asyncio.IncompleteReadError):"),
            Change(
                SERVER,
                "        finally:\n            writer.close()\n",
                "        except asyncio.LimitOverrunError:\n            os._exit(1)\n"
                "        finally:\n            writer.close()\n",
            ),
            Change(SERVER, "import asyncio\n", "import asyncio\nimport os\n"),
        ),
        ("bad-input.stays-ready",),
        "One exception that nobody thought of ends the process: a header that is too long does.",
        may=("sigterm.*", "load.*"),
    ),
    Control(
        "no-liveness",
        "asyncio",
        (Change(DEPLOYMENT, LIVENESS, ""),),
        ("yaml.serving-containers-are-probed", "hang.is-detected"),
        "Left out because liveness probes are dangerous: what hangs, hangs for ever.",
        hides=("hang.is-replaced",),
    ),
    Control(
        "liveness-asks-nobody",
        "asyncio",
        (
            Change(
                DEPLOYMENT,
                LIVENESS,
                LIVENESS.replace(
                    "httpGet: { path: /live, port: http }", 'exec: { command: ["true"] }\n            timeoutSeconds: 2'
                ),
            ),
        ),
        ("hang.is-detected",),
        "A probe that satisfies the linter.",
        hides=("hang.is-replaced",),
    ),
    Control(
        "readiness-asks-nobody",
        "asyncio",
        (
            Change(
                DEPLOYMENT,
                "readinessProbe:\n            httpGet: { path: /ready, port: http }",
                'readinessProbe:\n            exec: { command: ["true"] }',
            ),
        ),
        ("hang.leaves-service", "sigterm.readiness-fails"),
        "The same for readiness.",
    ),
    Control(
        "lock-file-survives",
        "asyncio",
        (
            Change(
                SERVER,
                '        print(f"serving',
                '        lock = Path("/tmp/lock")\n        lock.touch(exist_ok=False)\n        print(f"serving',
            ),
            Change(SERVER, '        print(f"ended', '        lock.unlink()\n        print(f"ended'),
            Change(SERVER, "import time\n", "import time\nfrom pathlib import Path\n"),
        ),
        ("recovery.killed-main-process", "memory.at-limit", "hang.is-replaced"),
        "A container that is restarted has the volume of the one before, and the lock that a kill left there.",
    ),
    Control(
        "second-worker-hides-the-first",
        "nginx",
        (Change(CONFIGURATION, "worker_processes 1;", "worker_processes 2;"),),
        ("recovery.blocked-worker",),
        "nginx replaces a worker that is dead, not one that hangs; the other answers the probes.",
    ),
    Control(
        "workers-are-not-replaced",
        "fastapi",
        (
            Change(
                "serve.py",
                "    uvicorn.run(\n",
                "    Multiprocess.keep_subprocess_alive = lambda _: None\n    uvicorn.run(\n",
            ),
            Change("serve.py", "import uvicorn\n", "import uvicorn\nfrom uvicorn.supervisors import Multiprocess\n"),
        ),
        ("recovery.killed-worker",),
        "A supervisor that starts and ends workers, and does not look at them meanwhile: capacity shrinks with each.",
        may=("memory.at-limit",),  # unless the kernel takes the supervisor
    ),
    Control(
        "data-in-an-empty-dir",
        "fastapi",
        (Change(DEPLOYMENT, "persistentVolumeClaim:\n            claimName: service-data", "emptyDir: {}"),),
        ("data.survives-restart",),
        "It worked in the demonstration, where no pod was ever replaced.",
    ),
)
