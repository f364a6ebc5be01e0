"""The lifecycle: which phase leads where, with the clock in the test's hand."""

from app.lifecycle import Lifecycle, Phase


def ready() -> Lifecycle:
    """Return a lifecycle that is in service."""
    lifecycle = Lifecycle()
    lifecycle.become_ready()
    return lifecycle


def test_lifecycle_goes_through_its_phases_in_order() -> None:
    """From starting to ready, lame duck, draining and stopped."""
    lifecycle = Lifecycle()
    seen = [lifecycle.phase]
    lifecycle.become_ready()
    seen.append(lifecycle.phase)
    lifecycle.begin_lame_duck(now=100, seconds=10)
    seen.append(lifecycle.phase)
    lifecycle.begin_draining()
    seen.append(lifecycle.phase)
    lifecycle.stop()
    seen.append(lifecycle.phase)
    assert seen == list(Phase)


def test_lame_duck_accepts_until_its_end_and_closes_connections() -> None:
    """New connections are accepted for exactly the lame duck's seconds; answers close theirs from the first moment."""
    lifecycle = ready()
    assert not lifecycle.closing
    lifecycle.begin_lame_duck(now=100, seconds=10)
    assert lifecycle.closing
    assert lifecycle.accepts(109.9)
    assert not lifecycle.accepts(110)


def test_second_sigterm_does_not_prolong_the_lame_duck() -> None:
    """Repeats change nothing."""
    lifecycle = ready()
    lifecycle.begin_lame_duck(now=100, seconds=10)
    lifecycle.begin_lame_duck(now=105, seconds=10)
    assert not lifecycle.accepts(110)


def test_lame_duck_does_not_become_ready_again() -> None:
    """Nothing but a start leads to `ready`."""
    lifecycle = ready()
    lifecycle.begin_lame_duck(now=100, seconds=10)
    lifecycle.become_ready()
    assert lifecycle.phase is Phase.LAME_DUCK


def test_recycling_closes_connections_while_it_stays_ready() -> None:
    """The instance goes on; this worker only sends its clients elsewhere."""
    lifecycle = ready()
    lifecycle.begin_recycling(now=100, seconds=10)
    assert lifecycle.phase is Phase.READY
    assert lifecycle.closing
    assert not lifecycle.accepts(110)


def test_repeated_recycling_does_not_prolong_itself() -> None:
    """The server says so at every tick; the first one counts."""
    lifecycle = ready()
    lifecycle.begin_recycling(now=100, seconds=10)
    lifecycle.begin_recycling(now=105, seconds=10)
    assert not lifecycle.accepts(110)


def test_sigterm_while_recycling_begins_a_whole_lame_duck() -> None:
    """Readiness fails from then on, and a load balancer has all of its time to notice."""
    lifecycle = ready()
    lifecycle.begin_recycling(now=100, seconds=10)
    lifecycle.begin_lame_duck(now=105, seconds=10)
    assert lifecycle.phase is Phase.LAME_DUCK
    assert lifecycle.accepts(114.9)


def test_service_accepts_without_end_while_nothing_ends_it() -> None:
    """No deadline, no end."""
    assert ready().accepts(1e9)
