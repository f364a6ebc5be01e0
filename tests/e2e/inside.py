"""Looking at a container from inside, by small programs run in it."""

import json
from typing import Any

from seatrial.runtime import Deployment

PRIVILEGES = """
import json
status = dict(line.split(":", 1) for line in open("/proc/1/status"))
def writable(path):
    try:
        open(path, "w").close()
    except OSError as error:
        return error.strerror
    return "yes"
print(json.dumps({
    "uid": status["Uid"].split(), "gid": status["Gid"].split(), "no_new_privs": status["NoNewPrivs"].strip(),
    "seccomp": status["Seccomp"].strip(),
    "capabilities": {name: int(value, 16) for name, value in status.items() if name.startswith("Cap")},
    "root": writable("/srv/service/trial"), "tmp": writable("/tmp/trial"),
}))
"""

# PID 1 is the arbiter; what is started by an exec has no parent in the container.
KILL_WORKER = """
import glob, json, os, signal
def parent(pid):
    return int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
workers = [int(path.split("/")[2]) for path in glob.glob("/proc/[0-9]*/stat")]
workers = [pid for pid in workers if parent(pid) == 1]
%s
print(json.dumps(workers))
"""

# A client's backend: its title has the client's port in brackets. PostgreSQL ends all the others, too, and recovers.
KILL_BACKEND = """
for status in /proc/[0-9]*/cmdline; do
    if grep --quiet --text '^postgres: .*([0-9][0-9]*) ' "$status"; then
        pid=${status#/proc/}
        kill -KILL "${pid%/cmdline}" && echo "${pid%/cmdline}"
        break
    fi
done
"""


async def run(deployment: Deployment, program: str) -> Any:
    """Run a Python program in the pod's first container and return the JSON that it prints."""
    completed = await deployment.pod.exec(("python", "-c", program))
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)


async def workers(deployment: Deployment) -> list[int]:
    """Return the pids of gunicorn's workers."""
    found: list[int] = await run(deployment, KILL_WORKER % "")
    return found


async def kill_worker(deployment: Deployment) -> list[int]:
    """SIGKILL one worker and return the pids that there were."""
    found: list[int] = await run(deployment, KILL_WORKER % "os.kill(workers[0], signal.SIGKILL)")
    return found


async def kill_backend(deployment: Deployment) -> bool:
    """SIGKILL one of PostgreSQL's processes that serve the service; return whether there was one."""
    killed = await deployment.component("database").exec(("sh", "-c", KILL_BACKEND))
    return bool(killed.stdout.strip())
