"""The entry, `python3 -m bootstrap`: kept to what any Python 3 can parse, so that an old one gets a message."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the one place that an older Python reaches
    sys.exit(
        "bootstrap: Python %d.%d found, seatrial needs >= 3.11: install a newer one and name it, "  # noqa: UP031 - parses everywhere
        "e.g. `make PYTHON=python3.14`" % sys.version_info[:2]
    )

try:
    from bootstrap.cli import main

    sys.exit(main())
except KeyboardInterrupt:  # also while it imports
    sys.exit(130)
