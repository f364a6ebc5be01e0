"""The entry, `python -m dev [sqlite|postgres] [PORT]`."""

import sys
from pathlib import Path

from dev.session import DATABASES, session
from seatrial import interrupt
from seatrial.errors import HarnessError

USAGE = f"`make dev`, with DATABASE={' or DATABASE='.join(DATABASES)}, and PORT=8000 or another"
LAST_PORT = 65535


def main(arguments: list[str]) -> int:
    """Serve until it is ended; return the exit code."""
    match arguments:
        case [database, port] if database in DATABASES and port.isdecimal() and 0 < int(port) <= LAST_PORT:
            pass
        case _:
            print(f"dev: given {' '.join(arguments) or 'nothing'}; allowed: {USAGE}", file=sys.stderr)
            return 2
    try:
        return interrupt.run(session(Path.cwd(), database, int(port), print), lambda: None)
    except interrupt.Interrupted:
        return 0
    except HarnessError as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
