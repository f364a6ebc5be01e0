"""Components combine: every pair that makes sense renders, to the same in either order, and holds every contract."""

import asyncio
import json
import os
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial import contracts as generic
from seatrial.contracts import Overlay
from seatrial.contracts.overlay import Runtime
from seatrial.errors import RenderError
from tests.manifests import contracts as ours
from tests.manifests.overlay import KUSTOMIZE, OVERLAYS, composed

Combination = tuple[str, ...]

CONTRACTS = (*generic.CONTRACTS, *ours.CONTRACTS)
FOUND = {path.parent.name for path in (KUSTOMIZE / "components").glob("*/kustomization.yaml")}
DATABASES = ("external-database", "pgbouncer", "postgres", "sqlite")
OF_TWO_COLOURS = {"behind-proxy", "blue", "green", "proxy", "proxy-tls"}
"""Parts of the overlays `podman-blue-green*`, each of which needs the others: they are judged there."""

APART = {
    frozenset(pair): reason
    for *pair, reason in (
        ("external-database", "postgres", "one database: the last one's URL would count"),
        ("external-database", "pgbouncer", "one database: the Secret's URL beside the ConfigMap's"),
        ("pgbouncer", "postgres", "the former has the latter in it"),
        ("pgbouncer", "sqlite", "one database: the last one's URL would count"),
        ("external-database", "sqlite", "one database: the Secret's URL beside the ConfigMap's"),
        ("postgres", "sqlite", "one database: the last one's URL would count"),
        ("sqlite", "autoscaling", "two pods must not write to one file system"),
        ("podman", "autoscaling", "podman has no HorizontalPodAutoscaler"),
        ("podman", "gateway", "podman has no HTTPRoute"),
        ("podman", "ingress", "podman has no Ingress"),
        ("podman", "monitoring", "podman has no PodMonitor and no PrometheusRule"),
    )
}
"""Pairs that must not be combined, and why."""


def together(names: Sequence[str]) -> bool:
    """Tell whether no two of these components exclude each other."""
    return not any(pair <= set(names) for pair in APART)


def with_database(*names: str) -> Combination:
    """Return a combination that can start: the service needs a database."""
    return names if set(names) & set(DATABASES) else ("postgres", *names)


def all_with(database: str) -> Combination:
    """Return everything that goes with a database on a cluster."""
    others = sorted(FOUND - OF_TWO_COLOURS - {"podman", *DATABASES})
    return (database, *(name for name in others if together([database, name])))


PAIRS = [pair for pair in combinations(sorted(FOUND - OF_TWO_COLOURS), 2) if together(pair)]
COMBINATIONS = [with_database(*pair) for pair in PAIRS] + [all_with(database) for database in DATABASES]

RENDERERS = asyncio.Semaphore(os.cpu_count() or 1)


async def complaints(directory: Path, names: Combination) -> list[str]:
    """Return why these components do not combine, nothing when they do."""
    runtime: Runtime = "podman" if "podman" in names else "cluster"
    found: list[Overlay] = []
    for number, order in enumerate((names, names[::-1])):
        (place := directory / str(number)).mkdir(parents=True)
        try:
            async with RENDERERS:
                found.append(await composed(place, *order, runtime=runtime))
        except RenderError as error:
            return [f"{' + '.join(order)} does not render: {error}"]
    one, other = ([unordered(each) for each in overlay.objects] for overlay in found)
    breaches = [str(check) for contract in CONTRACTS for check in contract.breaches(found[0])]
    return breaches if one == other else ["the order in which they are listed matters", *breaches]


def unordered(value: Any) -> Any:
    """Return a value whose lists compare as sets do: rules and volumes have no order."""
    if isinstance(value, dict):
        return {key: unordered(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted(map(unordered, value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[Combination, list[str]]:
    """Return the complaints about every combination and every excluded pair, rendered side by side."""
    wanted = [*COMBINATIONS, *(with_database(*sorted(pair)) for pair in APART)]

    async def judge_all() -> list[list[str]]:
        return await asyncio.gather(*(complaints(tmp_path_factory.mktemp("combined"), each) for each in wanted))

    return dict(zip(wanted, asyncio.run(judge_all()), strict=True))


@pytest.mark.parametrize("combination", COMBINATIONS, ids="+".join)
def test_components_combine(judged: dict[Combination, list[str]], combination: Combination) -> None:
    """They render, in either order to the same objects, and hold every contract."""
    assert judged[combination] == []


@pytest.mark.parametrize("pair", APART, ids=lambda pair: "+".join(sorted(pair)))
def test_excluded_pair_does_not_combine(judged: dict[Combination, list[str]], pair: frozenset[str]) -> None:
    """A pair is excluded only as long as something is wrong with it."""
    assert judged[with_database(*sorted(pair))], APART[pair]


def test_component_that_is_not_combined_here_is_in_an_overlay() -> None:
    """What is left out above is not left out everywhere."""
    text = "".join(path.read_text() for path in OVERLAYS.rglob("kustomization.yaml"))
    assert {name for name in OF_TWO_COLOURS if f"components/{name}\n" not in text} == set()


@pytest.mark.parametrize(
    ("kustomization", "complaint"),
    [
        ({"patches": [{"path": "patch.yaml"}]}, "does not render"),
        (
            {
                "configMapGenerator": [
                    {"name": "seatrial-settings", "behavior": "merge", "literals": ["APP_REPLICAS=1"]}
                ]
            },
            "replicas 2",
        ),
        (
            {"patches": [{"target": {"name": "postgres"}, "patch": '[{"op": "remove", "path": "/metadata/labels"}]'}]},
            "the order in which they are listed matters",
        ),
    ],
    ids=["patches-what-is-not-there", "breaks-a-contract", "depends-on-the-order"],
)
async def test_component_that_does_not_combine_is_noticed(
    tmp_path: Path, kustomization: dict[str, Any], complaint: str
) -> None:
    """The control: components made to be wrong in each of the three ways."""
    (broken := tmp_path / "broken").mkdir()
    header = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
    (broken / "kustomization.yaml").write_text(yaml.safe_dump(header | kustomization))
    patch = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "nobody"}, "spec": {"replicas": 1}}
    (broken / "patch.yaml").write_text(yaml.safe_dump(patch))
    assert complaint in "\n".join(await complaints(tmp_path, ("postgres", str(broken))))
