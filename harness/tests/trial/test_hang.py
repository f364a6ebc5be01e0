"""How long a hang is watched, and what is said of a probe that does not notice it."""

from dataclasses import replace

from harness.tests.trial.synthetic import hang, subject
from seatrial.trial.claims.hang import is_detected, is_replaced, leaves_service
from seatrial.trial.scenarios.hang import noticing_seconds
from seatrial.trial.verdict import Verdict
from seatrial.trial.window import Window

SLOW = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 30, "failureThreshold": 3}
COMMAND = {"exec": {"command": ["true"]}, "periodSeconds": 1}


def test_hang_is_watched_until_every_probe_must_have_noticed() -> None:
    """Whether liveness is there or not, readiness may take longer."""
    assert noticing_seconds(subject(readinessProbe=SLOW, livenessProbe=None).container) == 91.0
    assert noticing_seconds(subject(readinessProbe=SLOW).container) == 91.0
    assert noticing_seconds(subject(livenessProbe=SLOW).container) == 91.0


def test_what_did_not_fail_is_said_in_words() -> None:
    """With how long it was given, and its bound."""
    judgement = leaves_service(hang(not_ready_at=None))
    assert judgement.verdict is Verdict.BROKEN
    assert judgement.evidence == ("still ready; the bound is 3 s (5.0 s on this machine)",)
    assert leaves_service(hang()).evidence == ("not ready after 3.0 s; the bound is 3 s (5.0 s on this machine)",)


def test_restart_that_took_long_is_doubted_only_if_it_did_not_come() -> None:
    """That it was found to hang may be the machine's fault all the same."""
    assert is_replaced.timed is not None
    assert is_replaced.timed(hang()) == Window(10.0, 14.0)
    never = hang(ready_again_at=None)
    assert is_replaced.timed(never) == Window(10.0, never.record.ended)


def test_probe_that_only_a_stopped_process_could_have_answered_is_not_doubted() -> None:
    """A command is a process of its own, and another container may answer: those fail for want of a core, too."""
    alone, probed_by_command = hang(), hang(subject=subject(livenessProbe=COMMAND, readinessProbe=COMMAND))
    template = alone.subject.template
    two = replace(template, containers=(*template.containers, replace(template.containers[0], name="proxy")))
    beside = hang(subject=replace(alone.subject, template=two))
    for seen, fallible in ((alone, False), (probed_by_command, True), (beside, True)):
        judgements = [judge(seen) for judge in (leaves_service, is_detected, is_replaced)]
        assert [(each.verdict, each.fallible) for each in judgements] == [(Verdict.HELD, fallible)] * 3
