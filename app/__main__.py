"""The command line, `python -m app serve|migrate`: it wires and decides nothing."""

import gc
import os
import signal
import sys
from contextlib import suppress

STDERR = 2
# Started without stdin, stdout or stderr, it would get their numbers for its first sockets, and log into them.
while (opened := os.open(os.devnull, os.O_RDWR)) <= STDERR:
    pass
os.close(opened)
sys.stdout, sys.stderr = (stream or open(os.devnull, "w") for stream in (sys.stdout, sys.stderr))  # noqa: PTH123, SIM115
# As PID 1 a process without a handler ignores SIGTERM, and the imports below take a second.
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
# Nothing that is imported is ever garbage, and to look for it takes a sixth of the start.
gc.disable()

from app import logs  # noqa: E402 - after the lines above
from app.errors import SchemaError, UnavailableError  # noqa: E402 - after the lines above
from app.settings import BadSettingsError, load_settings  # noqa: E402 - after the lines above

EX_USAGE, EX_UNAVAILABLE, EX_CONFIG = 64, 69, 78  # sysexits.h
EX_TERMINATED = 128 + signal.SIGTERM


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code.

    64 for a bad command line, 78 for bad settings or a schema that does not serve, 69 for a database that cannot now.
    """
    if arguments not in (["serve"], ["migrate"]):
        given = " ".join(arguments) or "nothing"
        _complain(f"python -m app: given {given}; allowed: serve, migrate")
        return EX_USAGE
    try:
        settings = load_settings()
    except BadSettingsError as error:
        _complain(error)
        return EX_CONFIG
    logs.configure(settings)
    if arguments == ["migrate"]:
        from app.migrate import migrate  # noqa: PLC0415 - serving needs no Alembic

        gc.enable()
        # Nothing was served before, which is a success; a migration that was cut off is none.
        signal.signal(signal.SIGTERM, lambda *_: os._exit(EX_TERMINATED))
        try:
            migrate(settings)
        except (BadSettingsError, SchemaError, UnavailableError) as error:
            _complain(f"cannot migrate: {error}")
            return EX_UNAVAILABLE if isinstance(error, UnavailableError) else EX_CONFIG
    else:
        from app.serving.gunicorn import serve  # noqa: PLC0415 - migrating needs no server

        gc.freeze()  # nor is it later
        gc.enable()
        try:
            serve(settings)
        except BadSettingsError as error:
            _complain(error)
            return EX_CONFIG
    return 0


def _complain(message: object) -> None:
    """Say on stderr why nothing is done; whoever cannot be told, as the disk is full, has the exit code."""
    with suppress(OSError):
        os.write(STDERR, f"{message}\n".encode(errors="backslashreplace"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
