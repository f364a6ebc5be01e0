"""The alerts and the dashboard of the component `monitoring`, as Prometheus would read them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import yaml

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "kustomize" / "components" / "monitoring"
RULE = COMPONENT / "prometheusrule.yaml"
TARGET_LABELS = {"namespace", "pod"}  # those that a PodMonitor gives every sample
GRAFANA = {"$namespace": "seatrial", "$__rate_interval": "5m"}


def alerts() -> list[dict[str, Any]]:
    """Return the rules."""
    return [rule for group in yaml.safe_load(RULE.read_text())["spec"]["groups"] for rule in group["rules"]]


def expressions() -> dict[str, str]:
    """Return every query by the alert or the panel that makes it."""
    found = {alert["alert"]: alert["expr"] for alert in alerts()}
    for panel in json.loads((COMPONENT / "seatrial.json").read_text())["panels"]:
        for target in panel["targets"]:
            expression = re.sub(r"\$\w+", lambda variable: GRAFANA[variable[0]], target["expr"])
            found[f"{panel['title']} {target['refId']}"] = expression
    return found


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each metric of a query with the labels that it is asked by; raise ValueError if it is no PromQL."""
    pending = [promql_parser.parse(expression)]
    while pending:
        node = pending.pop()
        if isinstance(node, promql_parser.VectorSelector):
            yield str(node.name), {matcher.name for matcher in node.matchers.matchers}
        children = (getattr(node, name, None) for name in ("expr", "lhs", "rhs", "vector_selector", "param"))
        pending += [child for child in (*children, *getattr(node, "args", ())) if child is not None]
