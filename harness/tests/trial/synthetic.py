"""Records made by hand, of a good subject and of ones with one thing wrong, for claims to judge."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from seatrial.host.processes import Privileges
from seatrial.kubelet.termination import Termination
from seatrial.logs import Log
from seatrial.manifests.kustomize import Object
from seatrial.timeline import Event, Kind
from seatrial.traffic.exchange import Failure, Outcome, Request
from seatrial.trial.claims.data import Stored
from seatrial.trial.claims.ends import Ends
from seatrial.trial.claims.hang import Hang
from seatrial.trial.claims.podman_alone import PodmanAlone
from seatrial.trial.claims.setting import Setting, Start
from seatrial.trial.configuration import Configuration, Data
from seatrial.trial.inside import Inside
from seatrial.trial.load import Load
from seatrial.trial.machine import Machine
from seatrial.trial.seen import FAULTS, AtLimit, Lifetime, Outage, Outages, Reached, Recovered, Recovery
from seatrial.trial.subject import Subject, find
from seatrial.trial.termination import Ended
from seatrial.trial.verdict import Record
from seatrial.trial.window import Window

WALL = datetime(2026, 1, 1, tzinfo=UTC)
DELETED, SIGNALLED, NOTICED, ENDED = 60.0, 60.5, 64.0, 70.0
"""The end of the synthetic life: load balancers have noticed 1 x 1 + 1 + ... s after the deletion, see `OBJECTS`."""


def objects(**container: Any) -> list[Object]:
    """Return a Deployment and its Service; `container` changes the one that serves."""
    probe = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1, "failureThreshold": 1}
    serving = {
        "name": "web",
        "image": "localhost/web:1",
        "ports": [{"containerPort": 8080, "name": "http"}],
        "env": [{"name": "LOG_FORMAT", "value": "json"}, {"name": "WORKERS", "value": "2"}],
        "startupProbe": {**probe, "failureThreshold": 10},
        "readinessProbe": {**probe, "failureThreshold": 2},
        "livenessProbe": {**probe, "failureThreshold": 3},
        "resources": {"limits": {"memory": "100Mi"}},
        "securityContext": {
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **container,
    }
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"terminationGracePeriodSeconds": 20, "containers": [serving]}}
    service = {"selector": labels, "ports": [{"port": 80, "targetPort": "http"}]}
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": template}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": service},
    ]


def subject(configuration: Configuration | None = None, **container: Any) -> Subject:
    """Return what is tried."""
    return find(objects(**container), "synthetic", configuration or Configuration())


def event(at: float, kind: Kind, of: str = "web", detail: str = "", **more: Any) -> Event:
    """Return one thing that happened."""
    return Event(at, WALL, kind, of, detail, **more)


LIFE = (
    event(0.0, Kind.PLAYED, "web-12345678-pod"),
    event(1.0, Kind.RUNNING),
    event(2.0, Kind.ATTEMPT_SUCCEEDED, "web/startup"),
    event(2.0, Kind.STARTED),
    event(3.0, Kind.READY),
    event(3.0, Kind.READY, "web-12345678-pod"),
    event(SIGNALLED + 1.0, Kind.ATTEMPT_FAILED, "web/readiness", "status 503"),
    event(SIGNALLED + 2.0, Kind.NOT_READY),
)


def answered(begin: float, end: float, number: int, **changes: Any) -> list[Outcome]:
    """Return requests that were answered in a millisecond, spread over a time."""
    step = (end - begin) / number
    one = Outcome("new-connection", 0.0, 0.0, status=200)
    return [
        replace(one, sent_at=begin + at * step, ended_at=begin + at * step + 0.001, **changes) for at in range(number)
    ]


def failed(at: float, failure: Failure, **changes: Any) -> Outcome:
    """Return one request that failed."""
    return replace(Outcome("new-connection", at, at + 0.001, failure=failure), **changes)


REQUESTS = (
    *answered(3.0, 5.0, 60),
    *answered(10.0, 20.0, 300),
    *answered(10.0, 20.0, 100, client="keep-alive", reused=True),
    *answered(26.0, 27.0, 30),
    *answered(50.0, DELETED, 300),
    *answered(DELETED, NOTICED, 200, closing=True),
    *answered(DELETED, NOTICED, 10, client="keep-alive", reused=True, closing=True),
    Outcome("slow reader", DELETED + 0.1, DELETED + 3.1, status=200, closing=True),
)
LOGS = '{"message": "serving"}\n'


def record(events: Iterable[Event] = LIFE, requests: Iterable[Outcome] = REQUESTS, logs: str = LOGS) -> Record:
    """Return the record of a scenario."""
    return Record(
        "synthetic", "It is made by hand.", 0.0, 80.0, WALL, tuple(events), tuple(requests), (), (Log("web", logs),)
    )


def termination(seconds: float = 6.0, exit_code: int = 0, *, sigkilled: bool = False) -> Ended:
    """Return an end."""
    ended = Termination("web", exit_code, seconds, sigkilled)
    return Ended(DELETED, SIGNALLED, ENDED, 20.0, (ended,))


def privileges(**changes: Any) -> Privileges:
    """Return those of a process that may do nothing."""
    nobody = frozenset({10001})
    none = Privileges(1, nobody, nobody, 0, 0, no_new_privileges=True, seccomp=2, read_only_root=True)
    return replace(none, **changes)


def inside(written: tuple[str, ...] = (), **changes: Any) -> Inside:
    """Return what is seen of one process."""
    return Inside((privileges(**changes),), written)


def common(of: Subject | None = None, **changes: Any) -> tuple[Subject, Machine, Record]:
    """Return what every scenario sees."""
    return of or subject(), Machine(), record(**changes)


def lifetime(of: Subject | None = None, **changes: Any) -> Lifetime:
    """Return a good life, but for the changes; those named events, requests and logs are the record's."""
    of_record = {key: changes.pop(key) for key in ("events", "requests", "logs") if key in changes}
    good = Lifetime(
        *common(of, **of_record),
        running_at=1.0,
        ready_at=3.0,
        load=Load(Request("/"), None, "/ answers"),
        first=Window(3.0, 5.0),
        idle=Window(5.0, 10.0),
        loaded=Window(10.0, 20.0),
        memory_samples=(50 * 2**20, 60 * 2**20),
        abused=Window(20.0, 27.0),
        after_abuse=Window(26.0, 27.0),
        abuses=65,
        inside=inside(),
        secrets={"password/key": "correct horse"},
        ended=termination(),
    )
    return replace(good, **changes)


def ends(**changes: Any) -> Ends:
    """Return three good ends."""
    return replace(Ends(*common(), idle=termination(), starting=termination(), twice=termination()), **changes)


def recovered(seconds: float | None = 2.0, restarts: int = 0) -> Recovered:
    """Return a recovery, after which it served."""
    return Recovered(Window(1.0, 5.0), seconds, 10.0, restarts, Window(3.0, 5.0))


def recovery(**changes: Any) -> Recovery:
    """Return good recoveries."""
    good = Recovery(
        *common(), ready=True, workers=2, worker=recovered(), blocked=recovered(), main=recovered(restarts=1)
    )
    return replace(good, **changes)


def hang(**changes: Any) -> Hang:
    """Return a hang that was detected: two readiness attempts, three of liveness, each a second."""
    return replace(
        Hang(*common(), stopped_at=10.0, not_ready_at=13.0, unhealthy_at=14.0, ready_again_at=40.0), **changes
    )


def outage(fault: str, **changes: Any) -> Outage:
    """Return an outage that readiness followed, and nothing else."""
    good = Outage(
        dependency="db",
        fault=fault,
        began=10.0,
        ended=20.0,
        not_ready_seconds=3.0,
        recovered_seconds=2.0,
        recovery_limit_seconds=12.0,
        liveness_succeeded=1,
        liveness_failed=0,
        restarts=0,
    )
    return replace(good, **changes)


def outages(**changes: Any) -> Outages:
    """Return one outage of each kind, with the changes in each, and an end in the last."""
    ended = changes.pop("ended", termination())
    return Outages(*common(), ready=True, outages=tuple(outage(fault, **changes) for fault in FAULTS), ended=ended)


SAID = (Log("web", "WORKERS: given 'none'\n"),)


def start(**changes: Any) -> Start:
    """Return a start with a bad setting, which was refused."""
    good = Start({"WORKERS": "none"}, ready=False, exit_code=78, seconds=1.0, logs=SAID, failed=("web",))
    return replace(good, **changes)


def setting(*starts: Start, chosen: bool = False) -> Setting:
    """Return what was seen of starts, of one that was refused if none is given."""
    return Setting(*common(), chosen=chosen, starts=starts or (start(),))


def reached(seconds: float | None = 2.0, restarts: int = 0, **changes: Any) -> Reached:
    """Return a memory limit at which one of three processes was killed and replaced."""
    good = Reached(100 * 2**20, 3, ("python (12)",), together=False, exits=(), recovered=recovered(seconds, restarts))
    return replace(good, **changes)


def at_limit(*each: Reached, requests: Iterable[Outcome] = REQUESTS, **changes: Any) -> AtLimit:
    """Return what was seen at the limit: one process killed, and then all, if nothing else is given."""
    both = (reached(), reached(restarts=1, together=True, exits=("exit code 137, out of memory",)))
    return replace(AtLimit(*common(requests=requests), ready=True, reached=each or both), **changes)


DATA = Data(Request("/", "POST"), Request("/"), "kept")


def stored(**changes: Any) -> Stored:
    """Return something that was stored and is still there."""
    good = Stored(
        *common(subject(Configuration(data=DATA))),
        written="",
        before="status 200: kept",
        after="status 200: kept",
        again=Window(60.0, 70.0),
    )
    return replace(good, **changes)


def podman_alone(**changes: Any) -> PodmanAlone:
    """Return an end without hooks at which nothing was lost; `requests` are the record's."""
    of_record = {"requests": changes.pop("requests")} if "requests" in changes else {}
    return replace(PodmanAlone(*common(**of_record), ready=True, ended=termination()), **changes)
