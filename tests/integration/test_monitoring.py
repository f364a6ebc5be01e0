"""Alerts and panels ask for what the service really exports, and each alert says what to do."""

import re
import shutil
from pathlib import Path

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from seatrial.command import Command
from tests.integration.monitoring import ROOT, RULE, TARGET_LABELS, alerts, expressions, selectors
from tests.integration.service import running

PROMTOOL = shutil.which("promtool")
FIRING = Path(__file__).with_name("alerts.yaml")


async def exported(directory: Path) -> dict[str, set[str]]:
    """Return the samples that a running service exports, with their labels."""
    async with running(directory, "serve") as service:
        await service.until_ready()
        async with httpx.AsyncClient(base_url=service.url) as client:
            await client.get("/nowhere")
            text = (await client.get("/metrics")).text
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


async def test_alerts_and_panels_ask_for_metrics_and_labels_that_exist(tmp_path: Path) -> None:
    """Every selector of every query, compared with a scrape."""
    known = await exported(tmp_path)
    asked = [(where, *each) for where, expression in expressions().items() for each in selectors(expression)]
    assert len(asked) >= len(expressions())
    unknown = [(where, name) for where, name, _ in asked if name not in known]
    assert unknown == []
    assert [each for each in asked if each[2] - known[each[1]] - TARGET_LABELS] == []


@pytest.mark.parametrize("expression", ["sum by (rate(x[5m]))", "x{a=}", "rate(x)"])
def test_query_that_is_none_is_refused(expression: str) -> None:
    """The control: the parser is strict."""
    with pytest.raises(ValueError, match=r".+"):
        list(selectors(expression))


def test_selectors_are_found_wherever_they_are() -> None:
    """The control: in a function, an aggregation, both sides of an operator, a subquery."""
    query = "max_over_time(sum(rate(a{x='1'}[5m]))[1h:1m]) / (b or topk(3, c)) > -d"
    assert sorted(selectors(query)) == [("a", {"x"}), ("b", set()), ("c", set()), ("d", set())]


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: str(alert["alert"]))
def test_alert_has_a_severity_and_a_runbook(alert: dict[str, dict[str, str]]) -> None:
    """Whoever is woken finds a section with the alert's name, and in it something to do."""
    assert alert["labels"]["severity"] in ("critical", "warning")
    path, _, anchor = alert["annotations"]["runbook"].partition("#")
    sections = re.split(r"^### ", (ROOT / path).read_text(), flags=re.MULTILINE)[1:]
    (section,) = [text for text in sections if text.splitlines()[0].lower() == anchor == str(alert["alert"]).lower()]
    assert "\n1. " in section


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool: python3 -m bootstrap promtool")
async def test_alerts_fire_when_they_should_and_only_then(tmp_path: Path) -> None:
    """Prometheus's own tool plays series against the rules: each alert has one that fires it and one that does not."""
    assert PROMTOOL
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(yaml.safe_load(RULE.read_text())["spec"]))
    (tmp_path / "alerts.yaml").write_text(FIRING.read_text())
    (await Command((PROMTOOL, "check", "rules", str(tmp_path / "rules.yaml"))).run()).check()
    (await Command((PROMTOOL, "test", "rules", str(tmp_path / "alerts.yaml"))).run()).check()
    tests = yaml.safe_load(FIRING.read_text())["tests"]
    expected = [(each["alertname"], bool(each.get("exp_alerts"))) for test in tests for each in test["alert_rule_test"]]
    assert set(expected) == {(alert["alert"], fires) for alert in alerts() for fires in (True, False)}
