"""The timeline as SVG: what must be seen is there, where it belongs."""

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from harness.tests.trial import trials
from harness.tests.trial.scenarios import happened, scenario, sent
from seatrial.timeline import Kind
from seatrial.traffic.exchange import Failure
from seatrial.trial.report.document import ScenarioDocument
from seatrial.trial.report.plot import NARROW, WIDE, Size, plot

SVG = "{http://www.w3.org/2000/svg}"
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=lambda size: size.name)
TERMINATION = ScenarioDocument.of(trials.record(lost=True))


def drawn(found: ScenarioDocument, size: Size = WIDE) -> ET.Element:
    """Return the plot, parsed as any reader of XML does."""
    return ET.fromstring(plot(found, size, "id"))  # noqa: S314 - written here


def of(root: ET.Element, *classes: str) -> list[ET.Element]:
    """Return the elements that have all these classes."""
    return [each for each in root.iter() if set(classes) <= set(each.get("class", "").split())]


def words(root: ET.Element) -> Iterator[str]:
    """Yield what is written on the plot, tips apart."""
    for each in root.iter(f"{SVG}text"):
        yield "".join([each.text or "", *(child.tail or "" for child in each)])


@SIZES
def test_one_failure_in_twenty_thousand_requests_is_seen(size: Size) -> None:
    """It has a bar of its own, no thinner than can be seen, a part of the rate, a cross, and its number in words."""
    requests = (*(sent(at / 1000) for at in range(20_000)), sent(12.0, failure=Failure.RESET))
    root = drawn(scenario(requests=requests), size)
    (bar,) = of(root, "problem", "failed")
    assert float(bar.get("width", "0")) >= 3
    assert "reset" in (bar[0].text or "")
    (lost,) = of(root, "lost")
    heights = [float(corner.split()[1]) for corner in re.split("[ML]", lost.get("d", ""))[1:]]
    assert max(heights) - min(heights) >= 3
    assert len(of(root, "cross")) == 1
    assert "failed: 1" in words(root)


@SIZES
def test_no_failure_is_drawn_where_none_was(size: Size) -> None:
    """The lane says so, and is empty."""
    root = drawn(scenario(requests=tuple(sent(at / 100) for at in range(3000))), size)
    assert of(root, "problem") == of(root, "lost") == of(root, "cross") == []
    assert "failed: 0" in words(root)


@SIZES
def test_drawing_stays_small_however_many_requests_there_are(size: Size) -> None:
    """Ten times the requests make no larger a drawing: they are thinned to columns."""
    few, many = (plot(ScenarioDocument.of(trials.record(rate=rate)), size, "id") for rate in (200.0, 2000.0))
    assert len(many) < 2 * len(few) < 200_000


@SIZES
def test_failed_attempt_is_seen_among_any_number_of_good_ones(size: Size) -> None:
    """Of successes as many are drawn as can be told apart; of failures all."""
    attempts = [(at / 100, Kind.ATTEMPT_SUCCEEDED, "web/readiness", "status 200") for at in range(3000)]
    attempts[1500] = (15.0, Kind.ATTEMPT_FAILED, "web/readiness", "status 503")
    root = drawn(scenario(happened(*attempts)), size)
    assert len(of(root, "attempt", "failed")) == 1
    assert 100 < len(of(root, "attempt", "succeeded")) < size.width / 2


@SIZES
def test_everything_is_within_the_drawing(size: Size) -> None:
    """Even what happened before the beginning, after the end, or has an endless name."""
    events = happened(
        (-5, Kind.RUNNING, "w" * 300),
        (3, Kind.READY, "w" * 300),
        (31, Kind.ATTEMPT_FAILED, f"{'w' * 300}/readiness"),
        (40, Kind.SIGNALLED, "w" * 300, "SIG" * 100),
    )
    requests = (sent(-1, 1e-9), sent(99, 99.0, failure=Failure.TIMEOUT))
    root = drawn(scenario(events, requests, marks=((29.9, "label " * 50),)), size)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    for each in [*root.iter(f"{SVG}rect"), *root.iter(f"{SVG}line"), *root.iter(f"{SVG}text")]:
        for name, value in each.items():
            if name in {"x", "x1", "x2"}:
                assert 0 <= float(value) <= width
            if name in {"y", "y1", "y2"}:
                assert 0 <= float(value) <= height
    for text in root.iter(f"{SVG}text"):
        if "moment-label" in text.get("class", ""):
            assert len(text[0].tail or "") * 6 < width


@SIZES
def test_termination_shows_signal_exit_phases_and_probes(size: Size) -> None:
    """SIGTERM and the exit are labelled lines, the bands are hatched after it, failed attempts are crosses."""
    root = drawn(TERMINATION, size)
    assert {"traffic begins", "SIGTERM", "exit code 0 after 12.50 s"} <= set(words(root))
    assert len(of(root, "phase")) == 5
    assert len(of(root, "hatch")) == 2
    assert len(of(root, "attempt", "failed")) == 3 + 5
    assert {"startup", "readiness", "liveness"} <= set(words(root))


def test_time_goes_from_left_to_right_at_one_scale() -> None:
    """The signal's line, the band that begins with it and the failed requests after it stand in order."""
    root = drawn(TERMINATION)
    left, right = WIDE.gutter, WIDE.width - 2
    expected = left + (right - left) * trials.SIGTERM / trials.ENDED
    signal = of(root, "moment")[1]
    assert float(signal.get("x1", "0")) == pytest.approx(expected, abs=0.1)
    band = next(each for each in of(root, "phase") if "ready, terminating" in (each[0].text or ""))
    assert float(band.get("x", "0")) == pytest.approx(expected, abs=0.1)
    assert all(float(bar.get("x", "0")) > expected for bar in of(root, "problem"))


def test_labels_that_are_near_each_other_stand_in_rows() -> None:
    """And the plot makes room for them; two that are far apart share one."""
    near = drawn(scenario(marks=((10, "one fault"), (10.5, "another fault"), (11, "a third fault"))))
    far = drawn(scenario(marks=((5, "one fault"), (15, "another fault"), (25, "a third fault"))))
    assert len({each.get("y") for each in of(near, "moment-label")}) == 3
    assert len({each.get("y") for each in of(far, "moment-label")}) == 1


def test_rate_is_of_a_time_long_enough_to_speak_of_one() -> None:
    """A burst of ten in a millisecond is no rate of 10,000/s."""
    requests = tuple(sent(5 + at / 10_000) for at in range(10))
    assert "40" in set(words(drawn(scenario(requests=requests, seconds=10.0))))


def test_answers_are_dots_where_they_are_and_one_dot_where_they_cover_each_other() -> None:
    """Slow requests among fast ones are two rows of dots, not a smear between them."""
    requests = tuple(sent(at / 100, 1.0 if at % 20 == 0 else 0.004) for at in range(3000))
    (dots,) = of(drawn(scenario(requests=requests)), "dot")
    heights = {step.split()[-1].partition("h")[0] for step in dots.get("d", "").split("M")[1:]}
    assert len(heights) == 2


@pytest.mark.parametrize("seconds", [0.0, 0.05, 7200.0])
def test_any_duration_can_be_drawn(seconds: float) -> None:
    """A scenario that ended at once, and one of two hours."""
    root = drawn(scenario(seconds=seconds, requests=(sent(0.0, 0.0),), marks=((0, "mark"),)))
    assert len(of(root, "time")) < 30


def test_scenario_without_requests_has_no_lanes_for_them() -> None:
    """There is nothing to look at, and no empty frame."""
    assert "latency" not in set(words(drawn(scenario(TERMINATION.events))))


def test_plot_is_told_in_words_as_well() -> None:
    """Its name and its description say what those miss who cannot see it."""
    root = drawn(TERMINATION)
    assert root.get("aria-labelledby") == "id-title id-description"
    title, description = root[0].text or "", root[1].text or ""
    assert trials.SCENARIO in title
    for part in ("20.0 s: SIGTERM", "web/readiness: 13 attempts, 5 failed", "5200 requests: 299 failed"):
        assert part in description


@SIZES
def test_hostile_text_stays_text(size: Size) -> None:
    """A detail, a label and a container's name that are markup become no elements."""
    hostile = "</text></svg><script>alert(1)</script>"
    record = replace(
        trials.record(), events=(*trials.events(), trials.event(7, Kind.RUNNING, hostile, hostile)), requests=()
    )
    text = plot(ScenarioDocument.of(record), size, "id")
    assert "<script" not in text
    assert {each.tag for each in ET.fromstring(text).iter()} <= {  # noqa: S314 - written here
        f"{SVG}{tag}" for tag in ("svg", "title", "desc", "rect", "line", "path", "text")
    }
