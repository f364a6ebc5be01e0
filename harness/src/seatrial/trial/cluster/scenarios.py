"""What is tried on a cluster: its own scenarios, and with its reason what only the kubelet's player can tell."""

import dataclasses
from collections.abc import Sequence
from functools import partial
from typing import Any

from seatrial.cluster.runtime import ClusterRuntime
from seatrial.trial.claims import load, sigterm_under_load, start
from seatrial.trial.claims import rollout as rollout_claims
from seatrial.trial.claims.ends import IDLE
from seatrial.trial.cluster import ends, lifetime, rollout, setting
from seatrial.trial.judgement import Judged, Judgement, not_run
from seatrial.trial.load import Established
from seatrial.trial.scenario import Scenario
from seatrial.trial.scenarios.setting import SETTING
from seatrial.trial.seen import Lifetime
from seatrial.trial.stage import start_seconds

CREATION_SECONDS = 60.0
"""What a namespace, its pods and their removal may be estimated to take."""


def _says_close(seen: Lifetime) -> Judgement:
    """Judge by the same claim, but only what was seen: a kept connection may have led to another pod."""
    if seen.ended and not any(
        each.client == Established.name and each.ended_at >= seen.ended.deleted_at and (each.closing or each.failure)
        for each in seen.record.requests
    ):
        return not_run("no kept-alive connection was seen to end: none of them may have led to the pod")
    return sigterm_under_load.says_close(seen)


LIFETIME_CLAIMS: tuple[Judged[Any], ...] = (
    *start.CLAIMS,
    load.stays_ready,
    load.requests_are_answered,
    load.logs_json,
    load.logs_no_secrets,
    sigterm_under_load.no_request_lost,
    sigterm_under_load.slow_requests_finish,
    dataclasses.replace(sigterm_under_load.says_close, judge=_says_close),
    *sigterm_under_load.ENDING,
)


def scenarios(runtime: ClusterRuntime) -> Sequence[Scenario[Any]]:
    """Return the scenarios of a cluster."""
    return (
        Scenario(
            name="lifetime",
            sentence="It starts, is idle, is loaded through its Service, and a pod of it is deleted under load.",
            run=partial(lifetime.run, runtime),
            claims=LIFETIME_CLAIMS,
            seconds=lambda subject: CREATION_SECONDS + start_seconds(subject),
            loud=True,
        ),
        Scenario(
            name="ends",
            sentence="A pod of it is deleted when idle.",
            run=partial(ends.run, runtime),
            claims=IDLE,
            seconds=lambda subject: CREATION_SECONDS + start_seconds(subject),
        ),
        Scenario(
            name="rollout",
            sentence="It is restarted as by `kubectl rollout restart`, under load through its Service.",
            run=partial(rollout.run, runtime),
            claims=rollout_claims.CLAIMS,
            seconds=lambda subject: CREATION_SECONDS + 2 * start_seconds(subject),
            inapplicable=rollout.inapplicable,
            loud=True,
        ),
        dataclasses.replace(
            SETTING,
            run=partial(setting.run, runtime),
            seconds=lambda subject: CREATION_SECONDS + start_seconds(subject),
        ),
    )
