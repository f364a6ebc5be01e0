"""Rules that hold for all inputs and orders of events: tags, cursors, settings, and the lifecycle."""

import math
import os
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.admission import PATIENCE_SECONDS
from app.errors import BadRequestError
from app.etags import etag, versions
from app.lifecycle import Lifecycle, Phase
from app.models import MAX_ID
from app.pagination import decode_cursor, encode_cursor
from app.settings import BadSettingsError, Settings, load_settings, variable
from tests.settings import settings_of

VERSIONS = st.integers(min_value=1, max_value=999_999_999)
DURATIONS = {name for name in Settings.model_fields if name.endswith("_seconds")} - {
    "drain_seconds",  # more than the request timeout, which has a test of its own
    "request_timeout_seconds",
}


@given(st.lists(st.tuples(VERSIONS, st.booleans()), min_size=1), st.sampled_from([",", ", ", " ,  "]))
def test_list_of_tags_names_its_versions(tags: list[tuple[int, bool]], separator: str) -> None:
    """However many and however separated; weak ones count where a weak comparison is asked for, and only there."""
    field = separator.join(("W/" if weak else "") + etag(version) for version, weak in tags)
    assert versions(field, weak=True) == [version for version, _ in tags]
    assert versions(field, weak=False) == [version for version, weak in tags if not weak]


@given(st.text(st.characters(max_codepoint=255)), st.booleans())
def test_any_field_is_tags_or_refused(field: str, weak: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    """Whatever a client sends, there is a list, `*`, or an error that is the client's."""
    try:
        found = versions(field, weak=weak)
    except BadRequestError:
        return
    assert field.strip() == "*" if found is None else '"' in field


@given(st.integers(min_value=1, max_value=MAX_ID))
def test_cursor_stands_for_its_row(row: int) -> None:
    """What goes out comes in."""
    assert decode_cursor(encode_cursor(row)) == row


@given(st.text(max_size=64))
def test_any_cursor_is_a_row_or_refused(cursor: str) -> None:
    """Nothing made up is another spelling of a cursor."""
    try:
        row = decode_cursor(cursor)
    except BadRequestError:
        return
    assert encode_cursor(row) == cursor


@given(st.dictionaries(st.sampled_from(sorted(DURATIONS)), st.floats() | st.integers(-10, 5000)))
def test_durations_are_taken_as_given_or_refused(given_values: dict[str, float]) -> None:
    """A value in the environment is what the service works with, or stops the start under its own name."""
    environment = {variable(name): str(value) for name, value in given_values.items()}
    with mock.patch.dict(os.environ, environment | {"APP_DATABASE_URL": "sqlite+aiosqlite://"}):
        try:
            settings = load_settings()
        except BadSettingsError as error:
            assert any(name in str(error) for name in environment)  # noqa: PT017 - or it is no error
            return
    assert {name: getattr(settings, name) for name in given_values} == given_values
    assert all(math.isfinite(value) and 0 <= value <= 3600 for value in given_values.values())


@given(st.floats(0.001, 3600), st.floats(0.001, 3600))
def test_request_timeout_and_the_wait_for_a_place_fit_the_drain(timeout: float, drain: float) -> None:
    """Or the service does not start."""
    values = {"request_timeout_seconds": timeout, "drain_seconds": drain}
    if timeout + PATIENCE_SECONDS <= drain:
        assert settings_of(**values).request_timeout_seconds == timeout
    else:
        with pytest.raises(ValueError, match="less than APP_DRAIN_SECONDS"):
            settings_of(**values)


class LifecycleMachine(RuleBasedStateMachine):
    """A worker's life in any order of events, beside what it must be: a list of what has happened."""

    def __init__(self) -> None:
        super().__init__()
        self.lifecycle = Lifecycle()
        self.now = 0.0
        self.seen = [Phase.STARTING]
        self.deadline = math.inf
        self.closing = False

    @rule(seconds=st.floats(0, 100))
    def time_passes(self, seconds: float) -> None:
        """The clock moves on."""
        self.now += seconds

    @rule()
    def become_ready(self) -> None:
        """It matters to a start alone."""
        self.lifecycle.become_ready()
        if self.seen == [Phase.STARTING]:
            self.seen.append(Phase.READY)

    @rule(seconds=st.floats(0, 100))
    def sigterm(self, seconds: float) -> None:
        """The first one in service counts, with a whole lame duck."""
        self.lifecycle.begin_lame_duck(self.now, seconds)
        if self.seen[-1] is Phase.READY:
            self.seen.append(Phase.LAME_DUCK)
            self.deadline, self.closing = self.now + seconds, True

    @rule(seconds=st.floats(0, 100))
    def recycle(self, seconds: float) -> None:
        """The first one in service counts, and the phase stays."""
        self.lifecycle.begin_recycling(self.now, seconds)
        if self.seen[-1] is Phase.READY and not self.closing:
            self.deadline, self.closing = self.now + seconds, True

    @precondition(lambda self: Phase.DRAINING not in self.seen)
    @rule()
    def drain(self) -> None:
        """The server drains from wherever it is, once."""
        self.lifecycle.begin_draining()
        self.seen.append(Phase.DRAINING)
        self.closing = True

    @precondition(lambda self: self.seen[-1] is Phase.DRAINING)
    @rule()
    def stop(self) -> None:
        """After the drain."""
        self.lifecycle.stop()
        self.seen.append(Phase.STOPPED)

    @invariant()
    def agrees(self) -> None:
        """Phase, closing and accepting are those of the model, and no phase comes twice or out of order."""
        assert self.lifecycle.phase is self.seen[-1]
        assert self.lifecycle.closing is self.closing
        assert self.lifecycle.accepts(self.now) is (self.now < self.deadline)
        assert self.seen == sorted(set(self.seen), key=list(Phase).index)


TestLifecycle = LifecycleMachine.TestCase
