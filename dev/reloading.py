"""The service in one process, which a fork replaces after each save: `python -m dev.reloading PORT`.

uvicorn's own `--reload` starts Python anew, and importing the libraries again takes two seconds; here the process that
is forked has them. Both share the listening socket, so that a request in between waits, and is not refused.
"""

import importlib
import os
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

import uvicorn

from seatrial.host.ports import HOST

LOOK_SECONDS = 0.1
END_SECONDS = 2.0
PACKAGE = "app"

_ended: list[int] = []


def main(port: int) -> int:
    """Serve until SIGINT or SIGTERM; return the exit code."""
    sys.dont_write_bytecode = True  # which goes by seconds: two saves in one would be taken for one
    directory = Path(PACKAGE).resolve()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            print(f"dev: port {port}: {error.strerror}; give another, `make dev PORT=8001`", file=sys.stderr)
            return 1
        listener.listen()
        _import_libraries()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _frame: _ended.append(number))
        while not _ended:
            _serve_until_saved(listener, directory)
    return 0


def _serve_until_saved(listener: socket.socket, directory: Path) -> None:
    before = _saved(directory)
    child = os.fork()
    if child == 0:
        _serve(listener)
    status = 0
    while not _ended and _saved(directory) == before:
        if not status and os.waitpid(child, os.WNOHANG)[0]:
            status = 1
            print("dev: the service has ended; the next save starts it again", file=sys.stderr, flush=True)
        time.sleep(LOOK_SECONDS)
    if not status:
        _end(child)


def _end(child: int) -> None:
    os.kill(child, signal.SIGTERM)
    end = time.monotonic() + END_SECONDS
    while not os.waitpid(child, os.WNOHANG)[0]:
        if time.monotonic() > end:  # it stands at a breakpoint, or streams
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return
        time.sleep(0.01)


def _serve(listener: socket.socket) -> None:
    """Serve what the files now say; never returns."""
    code = 1
    try:
        config = uvicorn.Config(f"{PACKAGE}.asgi:app", log_config=None, access_log=False, timeout_graceful_shutdown=1)
        uvicorn.Server(config).run(sockets=[listener])
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, what stands above is the other process's
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _import_libraries() -> None:
    """Import what the service imports, and forget its own modules: each fork reads those again."""
    with suppress(Exception):  # the fork will say it, and the next save may mend it
        importlib.import_module(f"{PACKAGE}.main")
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def _saved(directory: Path) -> dict[str, int]:
    """Return when each file was saved last."""
    found = {}
    for path in directory.rglob("*.py"):
        try:
            found[str(path)] = path.stat().st_mtime_ns
        except FileNotFoundError:  # an editor is putting another in its place
            continue
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
