"""The entry, `python -m fork rename NAME` and `python -m fork resource NAME [PLURAL]`."""

import sys
from pathlib import Path

from fork.errors import ForkError
from fork.names import Name
from fork.rename import rename
from fork.resource import Resource, make

USAGE = "`make rename NAME=harbor-log` names the service; `make resource NAME=vessel` adds a resource to it"


def main(arguments: list[str]) -> int:
    """Do as the command line says; return the exit code."""
    try:
        match arguments:
            case ["rename", name]:
                rename(Path.cwd(), Name.read(name), print)
            case ["resource", *words] if len(words) in (1, 2):
                make(Path.cwd(), Resource.read(*words), print)
            case ["--help" | "-h"]:
                print(USAGE)
            case _:
                print(f"fork: given {' '.join(arguments) or 'nothing'}; allowed: {USAGE}", file=sys.stderr)
                return 2
    except ForkError as error:
        print(f"fork: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
