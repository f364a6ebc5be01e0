"""What is tried, where and with which images; without an overlay, the one for podman in the time of a test."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from seatrial.cluster import kubeconfig
from seatrial.cluster.runtime import ClusterRuntime
from seatrial.errors import HarnessError
from seatrial.local import overlay_path
from seatrial.podman import images
from seatrial.trial import engine, report, static
from seatrial.trial.cluster import scenarios as on_cluster
from seatrial.trial.scenario import Scenario
from seatrial.trial.scenarios.lifetime import LIFETIME
from seatrial.trial.verdict import Finding, Trial

COULD_NOT_RUN = 2
TRIAL: pytest.StashKey[Trial] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that a trial alone has."""
    parser.addoption("--report", type=Path, metavar="DIR", help="write the report into this directory")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a cluster without its context or overlay, before anything is created."""
    if config.getoption("--runtime") != "cluster":
        return
    try:
        kubeconfig.find(config.getoption("--context"))
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error
    if not config.getoption("--overlay"):
        raise pytest.UsageError("name the overlay to try on the cluster, by --overlay kustomize/overlays/NAME")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every claim."""
    if "claim_id" in metafunc.fixturenames:
        scenarios = _scenarios(metafunc.config)
        claims = (*static.CLAIMS, *(each for scenario in scenarios for each in scenario.claims))
        metafunc.parametrize("claim_id", [each.claim.id for each in claims])


@pytest.fixture(scope="session")
def findings(request: pytest.FixtureRequest) -> Mapping[str, Finding]:
    """Return what the trial found by the claims' ids; all tests end with exit code 2 when it could not be run."""
    try:
        return asyncio.run(_try(request.config))
    except HarnessError as error:
        pytest.exit(str(error), returncode=COULD_NOT_RUN)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End as the command does: with 2 when nothing is broken, but something could not be told, or not be written."""
    found = session.config.stash.get(TRIAL, None)
    if found is None:
        return
    if not found.broken and 0 < session.testsfailed <= len(found.not_run):
        session.exitstatus = COULD_NOT_RUN
    if directory := session.config.getoption("--report"):
        try:
            report.write(found, directory)
        except HarnessError as error:
            sys.stderr.write(f"\n{error}\n")
            session.exitstatus = session.exitstatus or COULD_NOT_RUN


async def _try(config: pytest.Config) -> Mapping[str, Finding]:
    given = config.getoption("--overlay")
    if config.getoption("--report"):
        report.prepare(config.getoption("--report"))
    if given is None and config.getoption("--runtime") == "podman":
        await images.build(await images.base_images(tell=print))
    found = await engine.trial(
        overlay_path(given or "podman"),
        images=dict(engine.image(text) for text in config.getoption("--image")),
        runtime=config.getoption("--runtime"),
        context=config.getoption("--context"),
        say=print,
        scenarios=_scenarios(config),
        tell=print,
    )
    config.stash[TRIAL] = found
    return {finding.claim.id: finding for finding in found.findings}


def _scenarios(config: pytest.Config) -> Sequence[Scenario[Any]]:
    if config.getoption("--runtime") == "cluster":
        images_given = dict(engine.image(text) for text in config.getoption("--image"))
        runtime = ClusterRuntime(kubeconfig.find(config.getoption("--context")), images_given, print)
        return on_cluster.scenarios(runtime, engine.SCENARIOS)
    return engine.SCENARIOS if config.getoption("--overlay") else (LIFETIME,)
