"""The pytest plugin: `pytest --seatrial PATH` tries a deployment once, and has a test for each claim.

Each run of pytest where this package is installed imports this module: it imports a trial only when one is asked for.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seatrial.trial.verdict import Finding, Trial

COULD_NOT_RUN = 2
TRIAL: pytest.StashKey[Trial] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what a trial can be told."""
    group = parser.getgroup("seatrial", "a trial of a Kubernetes deployment, with a test for each claim")
    group.addoption("--seatrial", type=Path, metavar="PATH", help="try this Kustomize directory or YAML file")
    group.addoption("--seatrial-runtime", default="podman", choices=("podman", "cluster"), help="where it is played")
    group.addoption("--seatrial-context", metavar="NAME", help="the kubeconfig's context of the cluster")
    group.addoption(
        "--seatrial-image", action="append", default=[], metavar="NAME=REF", help="use REF in place of the image NAME"
    )
    group.addoption("--seatrial-report", type=Path, metavar="DIR", help="write the report into this directory")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the claims' tests to those that pytest has collected."""
    if path := config.getoption("--seatrial"):
        place = path.resolve()
        nodeid = os.path.relpath(place, config.rootpath)
        items.extend(Deployment.from_parent(session, name=str(path), path=place, nodeid=nodeid).collect())
        session.testscollected = len(items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End as the command does: with 2 when nothing is broken, and something could not be told or not be written."""
    if (trial := session.config.stash.get(TRIAL, None)) is None:
        return
    failed = [item for item in session.items if isinstance(item, ClaimTest) and item.failed]
    if failed and len(failed) == session.testsfailed and not any(item.broken for item in failed):
        session.exitstatus = COULD_NOT_RUN
    if directory := session.config.getoption("--seatrial-report"):
        from seatrial.errors import ReportError  # noqa: PLC0415 - only where a trial was asked for
        from seatrial.trial import report  # noqa: PLC0415 - the same

        try:
            report.write(trial, directory)
        except ReportError as error:
            sys.stderr.write(f"\n{error}\n")
            session.exitstatus = session.exitstatus or COULD_NOT_RUN


class Deployment(pytest.Collector):
    """A deployment that is tried: the trial runs once, for the first test that asks what it found."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each claim that this runtime can be asked."""
        from seatrial.trial import catalogue  # noqa: PLC0415 - only where a trial was asked for

        for claim in catalogue.claims():
            yield ClaimTest.from_parent(self, name=claim.id, sentence=claim.sentence)

    def finding(self, claim: str) -> Finding:
        """Return what the trial found of a claim; all tests end with exit code 2 when it could not be run."""
        if TRIAL not in self.config.stash:
            self.config.stash[TRIAL] = self._tried()
        return next(finding for finding in self.config.stash[TRIAL].findings if finding.claim.id == claim)

    def _tried(self) -> Trial:
        from seatrial.errors import HarnessError  # noqa: PLC0415 - only where a trial was asked for
        from seatrial.trial import report, trying  # noqa: PLC0415 - the same

        option = self.config.getoption
        directory = option("--seatrial-report")
        try:
            if directory:
                report.prepare(directory)
            return asyncio.run(
                trying.trial(
                    self.path,
                    images=dict(trying.image(text) for text in option("--seatrial-image")),
                    runtime=option("--seatrial-runtime"),
                    context=option("--seatrial-context"),
                    tell=print,
                    say=print,
                )
            )
        except HarnessError as error:
            pytest.exit(str(error), returncode=COULD_NOT_RUN)


class ClaimTest(pytest.Item):
    """One claim: what was seen to hold passes, what was not told fails like what is broken, the rest is skipped."""

    failed = broken = False

    def __init__(self, *, sentence: str, **given: object) -> None:
        super().__init__(**given)  # type: ignore[arg-type]  # as pytest hands them over
        self.sentence = sentence

    def runtest(self) -> None:
        """Ask the trial."""
        from seatrial.text import visible  # noqa: PLC0415 - only where a trial was asked for
        from seatrial.trial.verdict import Verdict  # noqa: PLC0415 - the same

        assert isinstance(self.parent, Deployment)
        finding = self.parent.finding(self.name)
        told = visible("\n".join((self.sentence, *finding.evidence)))
        if finding.exempt:
            pytest.skip(f"{finding.verdict}, and exempt: {visible(finding.exempt)}")
        if finding.verdict not in (Verdict.HELD, Verdict.BROKEN, Verdict.NOT_RUN):
            pytest.skip(f"{finding.verdict}: {told}")
        if finding.verdict is not Verdict.HELD:
            self.failed, self.broken = True, finding.verdict is Verdict.BROKEN
            pytest.fail(f"{finding.verdict}: {told}", pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return what pytest prints of it."""
        return self.path, None, ""
