"""The entry, `python -m seatrial.server`."""

import sys

from seatrial.server.cli import main

sys.exit(main())
