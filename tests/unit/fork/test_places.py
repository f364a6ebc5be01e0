"""The service and the tool have one name, and only the service gets another."""

import pytest

from fork import places
from fork.names import Name

NAME = Name.read("harbor-log")

SERVICE = {
    "  name: seatrial": "  name: harbor-log",
    "expr: rate(seatrial_http_requests_total[5m])": "expr: rate(harbor_log_http_requests_total[5m])",
    "- alert: SeatrialErrors": "- alert: HarborLogErrors",
    "runbook: docs/operations.md#seatrialerrors": "runbook: docs/operations.md#harborlogerrors",
    '"title": "Seatrial",': '"title": "Harbor log",',
    "APP_DATABASE_URL=postgresql+asyncpg://seatrial@postgres/seatrial": (
        "APP_DATABASE_URL=postgresql+asyncpg://harbor_log@postgres/harbor_log"
    ),
    "seatrial = host=postgres port=5432 dbname=seatrial": "harbor_log = host=postgres port=5432 dbname=harbor_log",
    "psql --username=seatrial --dbname=seatrial < seatrial.dump": (
        "psql --username=harbor_log --dbname=harbor_log < harbor-log.dump"
    ),
    "kubectl -n seatrial rollout undo deployment/seatrial": "kubectl -n harbor-log rollout undo deployment/harbor-log",
    "kubectl create namespace seatrial": "kubectl create namespace harbor-log",
    "podman push localhost/seatrial:0.1.0": "podman push localhost/harbor-log:0.1.0",
    "hostnames: [seatrial.example.com]": "hostnames: [harbor-log.example.com]",
    "Network=seatrial.network:ip=10.89.117.12": "Network=harbor-log.network:ip=10.89.117.12",
    "seatrial secret seatrial-tls --from-file tls.crt": "seatrial secret harbor-log-tls --from-file tls.crt",
}
TOOL = [
    "from seatrial.errors import ManifestError",
    "import seatrial",
    '@patch("seatrial.podman.client.Podman")',
    'command = (sys.executable, "-m", "seatrial", "trial", path)',
    "uv run python -m seatrial trial",
    "`seatrial rollout` is short for `seatrial server rollout`",
    "      seatrial.dev/colour: blue",
    'await installed.seatrial("rollout")',
    'prefix="seatrial-bench-"',
    "localhost/seatrial-standin/python:3.14",
    '["--seatrial", "no-such-overlay"]',
    'SHIPPED = ROOT / "harness" / "src" / "seatrial" / "schemas"',
    "SEATRIAL_STAND_INS",
]


@pytest.mark.parametrize("text", SERVICE)
def test_place_of_the_service_gets_the_new_name(text: str) -> None:
    """In the form that the place wants."""
    assert places.renamed(text, NAME)[0] == SERVICE[text]


@pytest.mark.parametrize("text", TOOL)
def test_place_of_the_tool_keeps_its_name(text: str) -> None:
    """Or the fork has lost its tool."""
    assert places.renamed(text, NAME) == (text, 0)


def test_folders_of_the_tool_are_not_looked_at() -> None:
    """Its own name is theirs."""
    assert not any(map(places.may_have, ("harness/src/seatrial/cli/up.py", "tests/controls/trying.py")))
    assert places.may_have("k8s/deployment.yaml")


def test_file_is_named_after_the_service() -> None:
    """Its folder is as it was."""
    assert places.moved("quadlet/seatrial-blue.kube", NAME) == "quadlet/harbor-log-blue.kube"
    assert places.moved("k8s/service.yaml", NAME) == "k8s/service.yaml"


def test_tool_is_told_which_application_it_installs() -> None:
    """The names of its own things stay."""
    lines = ('APPLICATION = "seatrial"', 'ROLE = DATABASE = "seatrial"', 'DATABASE = DATA / "seatrial.db"')
    text = "\n".join([*lines, 'KEPT = "seatrial_kept"', ""])
    changed, count = places.only_the_application(text, NAME)
    told = ('APPLICATION = "harbor-log"', 'ROLE = DATABASE = "harbor_log"', 'DATABASE = DATA / "harbor-log.db"')
    assert (changed, count) == ("\n".join([*told, 'KEPT = "seatrial_kept"', ""]), 3)
