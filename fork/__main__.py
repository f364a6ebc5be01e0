"""The entry, `python -m fork rename NAME`."""

import sys
from pathlib import Path

from fork.errors import ForkError
from fork.names import Name
from fork.rename import rename

USAGE = "python -m fork rename NAME (or `make rename NAME=harbor-log`) gives the service a name of your own"


def main(arguments: list[str]) -> int:
    """Do as the command line says; return the exit code."""
    match arguments:
        case ["rename", name]:
            try:
                rename(Path.cwd(), Name.read(name), print)
            except ForkError as error:
                print(f"rename: {error}", file=sys.stderr)
                return 2
            return 0
        case ["--help" | "-h"]:
            print(USAGE)
            return 0
    print(f"given: {' '.join(arguments) or 'nothing'}; allowed: {USAGE}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
