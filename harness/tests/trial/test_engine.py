"""The engine: which scenarios run, what becomes of one that cannot, and what is told meanwhile."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from harness.tests.contracts.deployments import workload
from harness.tests.trial.synthetic import subject
from seatrial.errors import ManifestError, PodmanError
from seatrial.manifests.kustomize import dump
from seatrial.trial.configuration import Configuration
from seatrial.trial.engine import SIDE_BY_SIDE, Engine
from seatrial.trial.judgement import Judgement, broken, claim, held
from seatrial.trial.machine import Machine
from seatrial.trial.progress import Progress
from seatrial.trial.scenario import Scenario
from seatrial.trial.stage import Stage
from seatrial.trial.trying import image, trial
from seatrial.trial.verdict import Finding, Verdict

Run = Callable[[Stage], Awaitable[bool]]


@claim("it.is-good", "It is good.")
def is_good(seen: bool) -> Judgement:  # noqa: FBT001 - what the scenario saw
    """Judge by what was seen, which is all that this scenario sees."""
    return held("good", seconds=1.0) if seen else broken("bad")


async def good(stage: Stage) -> bool:
    """See that it is good."""
    stage.mark("looked")
    return True


def scenario(run: Run = good, name: str = "one", **changes: Any) -> Scenario[bool]:
    """Return a scenario with one claim."""
    return Scenario(name, "It is looked at.", run, (is_good,), lambda _: 10.0, **changes)


async def tried(*scenarios: Scenario[bool], exempt: str | None = None) -> tuple[list[Finding], list[Progress], int]:
    """Return the findings, what was told, and how many records there are."""
    told: list[Progress] = []
    configuration = Configuration(exempt={"it.is-good": exempt} if exempt else {})
    engine = Engine(subject(configuration), Machine(), {}, told.append, scenarios)
    findings, records = await engine.run()
    return findings, told, len(records)


async def test_finding_has_the_judgement_of_what_was_seen() -> None:
    """With its evidence and figures, and the scenario that it is from."""
    (found,), told, records = await tried(scenario())
    assert (found.verdict, found.evidence, found.scenario) == (Verdict.HELD, ("good",), "one")
    assert found.figures == {"seconds": 1.0}
    assert records == 1
    assert [(each.done, each.total, [running.name for running in each.running]) for each in (told[0], told[-1])] == [
        (0, 1, ["one"]),
        (1, 1, []),
    ]
    assert told[0].until - time.monotonic() == pytest.approx(10.0, abs=2.0)


async def test_scenario_that_does_not_apply_is_not_run() -> None:
    """Its claims say why."""
    (found,), told, records = await tried(scenario(inapplicable=lambda _: "it has none"))
    assert (found.verdict, found.evidence, records, told) == (Verdict.NOT_APPLICABLE, ("it has none",), 0, [])


async def test_scenario_that_fails_leaves_its_claims_not_run_and_the_others_alone() -> None:
    """What could not be told is never called held."""

    async def fail(stage: Stage) -> bool:
        stage.mark("about to fail")
        raise PodmanError("podman refused\nbecause\nof\nthis")

    one, other = (await tried(scenario(fail), scenario(name="other")))[0]
    assert (one.verdict, one.evidence) == (Verdict.NOT_RUN, ("podman refused", "because", "of"))
    assert other.verdict is Verdict.HELD


async def test_error_in_a_group_of_tasks_is_the_same() -> None:
    """Tasks side by side wrap it; the message is its own."""

    async def fail(_: Stage) -> bool:
        async with asyncio.TaskGroup():
            raise PodmanError("podman refused")

    ((found,), _, _) = await tried(scenario(fail))
    assert (found.verdict, found.evidence) == (Verdict.NOT_RUN, ("podman refused",))


async def test_defect_of_the_harness_leaves_its_scenario_not_run_and_the_others_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What it is and where, also beside an error that was raised on purpose; the traceback is for who mends it."""

    async def defect(_: Stage) -> bool:
        async with asyncio.TaskGroup() as group:
            group.create_task(refused())
            raise ZeroDivisionError("by zero")

    async def refused() -> None:
        raise PodmanError("podman refused")

    one, other = (await tried(scenario(defect), scenario(name="other")))[0]
    assert (one.verdict, one.evidence[0]) == (Verdict.NOT_RUN, "a defect of the harness: ZeroDivisionError: by zero")
    assert re.fullmatch(r"at test_engine.py:\d+, in defect", one.evidence[1])
    assert other.verdict is Verdict.HELD
    assert "Traceback" in caplog.text


async def test_defect_of_a_judge_leaves_its_claim_alone_not_run() -> None:
    """What others say of the same scenario stays, and so does its record."""

    @claim("it.trips", "It trips.")
    def trips(_: bool) -> Judgement:  # noqa: FBT001 - what the scenario saw
        raise RecursionError("too deep")

    both = Scenario("both", "It is looked at.", good, (trips, is_good), lambda _: 10.0)
    (one, other), _, records = await tried(both)
    assert (one.verdict, one.evidence[0]) == (Verdict.NOT_RUN, "a defect of the harness: RecursionError: too deep")
    assert (other.verdict, records) == (Verdict.HELD, 1)


async def test_broken_claim_that_is_exempt_says_why() -> None:
    """Only one that is broken."""

    async def bad(_: Stage) -> bool:
        return False

    assert [each.exempt for each in (await tried(scenario(bad), exempt="known"))[0]] == ["known"]
    assert [each.exempt for each in (await tried(scenario(), exempt="known"))[0]] == [None]


async def test_record_is_of_the_time_of_its_scenario_alone() -> None:
    """One that had to wait for its turn has not begun before."""

    async def last(_: Stage) -> bool:
        await asyncio.sleep(0.1)
        return True

    engine = Engine(subject(), Machine(), {}, lambda _: None, [scenario(last, str(at), loud=True) for at in range(2)])
    _, (first, second) = await engine.run()
    assert first.ended <= second.began + 0.05
    assert all(0.1 <= each.ended - each.began < 1.0 for each in (first, second))


async def test_scenarios_run_side_by_side_but_no_two_loud_ones() -> None:
    """As many as there are slots."""
    running: list[int] = []
    most = {"all": 0, "loud": 0}

    def counted(*kinds: str) -> Run:
        async def run(_: Stage) -> bool:
            for kind in kinds:
                running.append(hash(kind))
                most[kind] = max(most[kind], running.count(hash(kind)))
            await asyncio.sleep(0.05)
            for kind in kinds:
                running.remove(hash(kind))
            return True

        return run

    quiet = [scenario(counted("all"), f"quiet {at}") for at in range(6)]
    loud = [scenario(counted("all", "loud"), f"loud {at}", loud=True) for at in range(3)]
    await tried(*quiet, *loud)
    assert most == {"all": SIDE_BY_SIDE, "loud": 1}


async def test_context_without_a_cluster_is_refused(tmp_path: Path) -> None:
    """In one line: podman has none."""
    with pytest.raises(ManifestError, match="--context is for --runtime cluster"):
        await trial(tmp_path, context="kind", tell=print)


async def test_exemption_of_what_no_claim_is_called_is_refused(tmp_path: Path) -> None:
    """A misspelt one would excuse nothing, and nobody would know."""
    (tmp_path / "trial.toml").write_text('[exempt]\n"hang.is-detectd" = "because"\n')
    (tmp_path / "all.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: localhost/x}]}"
    )
    with pytest.raises(ManifestError, match=r"exempts hang.is-detectd; there are .*hang.is-detected"):
        await trial(tmp_path / "all.yaml", tell=print)


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"readinessProbe": {"periodSeconds": "10s"}}, "readinessProbe.periodSeconds: '10s' is not of type 'integer'"),
        ({"startupProbe": {"failureThreshold": "30"}}, "startupProbe.failureThreshold: '30' is not of type 'integer'"),
    ],
)
async def test_what_no_api_server_would_take_is_refused(tmp_path: Path, container: dict[str, Any], words: str) -> None:
    """In one line that names the object and the field, before it trips anything."""
    pod = workload("Pod", {"name": "web", "image": "localhost/x", **container})
    (tmp_path / "all.yaml").write_text(dump([pod]))
    tried = await trial(tmp_path / "all.yaml", tell=print)
    assert re.search(rf"all\.yaml: Pod web: .*{words}", tried.unplayed)
    assert [finding.claim.id for finding in tried.broken] == ["yaml.schema"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"secretKeyRef": {"name": "token", "key": "a"}}, "needs Secret token, which is not in the manifests"),
        (
            {"configMapKeyRef": {"name": "settings", "key": "b"}},
            "needs key b of ConfigMap settings, which is not there",
        ),
    ],
)
async def test_what_pods_need_and_nothing_gives_them_is_told_before_anything_is_played(
    tmp_path: Path, source: dict[str, Any], words: str
) -> None:
    """In one line, and the static claims are told all the same; what is optional may be missing."""
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": "1"}}
    container = {"name": "web", "image": "localhost/no-such-image:1", "env": [{"name": "A", "valueFrom": source}]}
    (tmp_path / "all.yaml").write_text(dump([workload("Pod", container), settings]))
    tried = await trial(tmp_path / "all.yaml", tell=print)
    assert f"Pod web, container web {words}" in tried.unplayed
    assert {finding.evidence for finding in tried.not_run if not finding.claim.static} == {(tried.unplayed,)}
    assert any(finding.claim.static and finding.verdict is Verdict.HELD for finding in tried.findings)
    next(iter(source.values()))["optional"] = True
    (tmp_path / "all.yaml").write_text(dump([workload("Pod", container), settings]))
    assert "no-such-image:1 is not on this machine" in (await trial(tmp_path / "all.yaml", tell=print)).unplayed


@pytest.mark.parametrize("given", ["web", "web=", "=web", ""])
def test_image_that_is_not_a_name_and_a_reference_is_refused(given: str) -> None:
    """The message has what was given and what is allowed."""
    assert image("localhost/web=localhost/web:1") == ("localhost/web", "localhost/web:1")
    with pytest.raises(ManifestError, match=f"given '{given}'; allowed: NAME=REF"):
        image(given)
