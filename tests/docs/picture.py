"""The picture of a real report for docs/trial.md: `uv run python -m tests.docs.picture DIRECTORY`."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from seatrial.trial.report import PAGE
from tests.docs.generated import ROOT
from tests.integration.browser import CHROMIUM, photograph

PICTURE = ROOT / "docs" / "trial.png"
WIDTH, HEIGHT = 1100, 2040


def main() -> int:
    """Photograph the page of a report and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs.picture", description="Draw docs/trial.png.")
    parser.add_argument("report", type=Path, metavar="DIRECTORY", help="what `--report` of a trial was given")
    page: Path = parser.parse_args().report / PAGE
    if CHROMIUM is None:
        parser.error("there is no browser: python3 -m bootstrap chromium")
    if not page.is_file():
        parser.error(f"{page} is not there; give the directory of a report")
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(photograph(page.resolve().as_uri(), PICTURE, Path(directory), width=WIDTH, height=HEIGHT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
