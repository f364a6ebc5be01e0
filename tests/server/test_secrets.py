"""Secrets: they reach podman in the form that kube YAML reads, and nobody sees them on the way."""

import asyncio
import json

from tests.server.server import PYTHON, Server

# Runs a command and looks at all processes meanwhile: whether any shows a word in its arguments or its environment.
WATCH = """
import glob, json, subprocess, sys
word, command = sys.argv[1].encode(), sys.argv[2:]
mine, seen, looks = {"self", "thread-self"}, set(), 0
tool = subprocess.Popen(command, stdout=subprocess.DEVNULL)
own = str(__import__("os").getpid())
while tool.poll() is None:
    looks += 1
    for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/environ"):
        if path.split("/")[2] == own:
            continue
        try:
            if word in open(path, "rb").read():
                seen.add(path.rpartition("/")[2])
        except OSError:
            pass
print(json.dumps({"seen": sorted(seen), "looks": looks, "code": tool.returncode}))
"""
VALUE = "a-word-that-nobody-may-see"


async def watched(server: Server, *command: str) -> dict[str, object]:
    """Return where a word was seen while a command ran."""
    found: dict[str, object] = json.loads(await server.machine.ask(PYTHON, "-c", WATCH, VALUE, *command))
    return found


def test_secret_is_kept_as_kube_yaml_reads_it_and_shown_by_no_process(installed: Server) -> None:
    """From a file; the watch looks often enough to see a process that does show it."""

    async def check() -> None:
        write = f"printf %s {VALUE} > /root/value"
        await installed.machine.ask("sh", "-c", write)
        keep = (PYTHON, "-m", "seatrial", "server", "secret", "trial", "--from-file", "key=/root/value")
        found = await watched(installed, *keep)
        assert (found["seen"], found["code"]) == ([], 0)
        shown = await installed.machine.ask("podman", "secret", "inspect", "--showsecret", "trial")
        assert "kind: Secret" in json.loads(shown)[0]["SecretData"]
        told = await watched(installed, "sh", "-c", f"sleep 0.5; : {VALUE}")
        assert told["seen"] == ["cmdline"]
        await installed.machine.ask("podman", "secret", "rm", "trial")

    asyncio.run(check())


def test_secret_without_a_terminal_or_a_file_is_refused(installed: Server) -> None:
    """One message that says what is allowed; nothing is kept."""

    async def check() -> None:
        done = await installed.seatrial("secret", "trial", "key", stdin=b"piped\n")
        assert done.returncode == 1
        assert "--from-file key=PATH" in done.stderr
        assert "Traceback" not in done.stderr
        assert (await installed.machine.run("podman", "secret", "exists", "trial")).returncode == 1

    asyncio.run(check())
