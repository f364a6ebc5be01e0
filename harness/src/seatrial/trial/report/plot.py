"""The timeline of a scenario as SVG: what the containers were, what the probes said and what requests came to."""

from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.timeline import Kind
from seatrial.trial.report.document import EventDocument, ScenarioDocument
from seatrial.trial.report.lanes import CHARACTER, AttemptLane, Frame, Lane, PhaseLane, lanes_of
from seatrial.trial.report.moments import Moment, merged, moments
from seatrial.trial.report.phases import bands, containers
from seatrial.trial.report.requests import PROBLEMS, result
from seatrial.trial.report.svg import Drawing

ATTEMPTS = (Kind.ATTEMPT_SUCCEEDED, Kind.ATTEMPT_FAILED)
PROBES = ("startup", "readiness", "liveness")
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
TICK_ROOM = 56.0
ROW, GAP, AXIS = 14.0, 10.0, 22.0


@dataclass(frozen=True)
class Size:
    """A shape of the drawing: labels stand in the gutter, or above each lane where there is none."""

    name: str
    width: float
    gutter: float


WIDE, NARROW = Size("wide", 1040.0, 150.0), Size("narrow", 380.0, 0.0)


def plot(scenario: ScenarioDocument, size: Size, identity: str) -> str:
    """Return the timeline as SVG markup; `identity` makes its ids the page's own."""
    frame = Frame(scenario.seconds, size.gutter, size.width - 2.0)
    labelled = _labelled(merged(moments(scenario), LABEL_GAP / max(_a_second(frame), 1e-9)), frame)
    lanes = _lanes(scenario, frame)
    above = 0.0 if size.gutter else ROW
    head = ROW * (1 + max((label.row for label in labelled), default=-1)) + GAP
    bottom = head + sum(lane.height + above + GAP for lane in lanes)
    drawing = Drawing(
        size.width, bottom + AXIS, identity, f"Timeline: {scenario.scenario}", describe(scenario), size.name
    )
    _axis(drawing, frame, head, bottom)
    top = head
    for lane in lanes:
        top += above
        words = shorten(lane.label, size.gutter - 8 if size.gutter else size.width)
        y = top + (min(lane.height, 20.0) / 2 + 4 if size.gutter else -3)
        drawing.text(0, y, words, "lane", *(("bad",) if lane.bad else ()), tip=lane.label)
        lane.draw(drawing, frame, top)
        top += lane.height + GAP
    for label in labelled:
        label.draw_line(drawing, bottom)
    for label in labelled:  # after all lines, so that none crosses it out
        label.draw_words(drawing)
    return str(drawing)


def describe(scenario: ScenarioDocument) -> str:
    """Return in words what the plot shows, for those who cannot see it."""
    attempts: dict[str, list[EventDocument]] = _attempts(scenario)
    parts = [f"{scenario.seconds:.1f} s."]
    parts += [f"{moment.at:.1f} s: {moment.label}." for moment in moments(scenario)]
    for subject, made in attempts.items():
        failed = sum(event.kind is Kind.ATTEMPT_FAILED for event in made)
        parts.append(f"{subject}: {len(made)} attempts, {failed} failed.")
    if scenario.requests:
        results = [result(request) for request in scenario.requests]
        problems = ", ".join(f"{results.count(each)} {each}" for each in PROBLEMS)
        parts.append(f"{len(results)} requests: {problems}.")
    return " ".join(parts)


def shorten(words: str, width: float) -> str:
    """Return the words as far as they fit."""
    room = max(int(width / CHARACTER), 1)
    return words if len(words) <= room else words[: room - 1] + "…"


def _lanes(scenario: ScenarioDocument, frame: Frame) -> list[Lane]:
    names = containers(scenario.events)
    found: list[Lane] = [PhaseLane(name, bands(scenario.events, name, scenario.seconds)) for name in names]
    for subject, made in _attempts(scenario).items():
        found.append(AttemptLane(subject if len(names) > 1 else subject.rpartition("/")[2], made))
    return [*found, *lanes_of(scenario.requests, frame)]


def _attempts(scenario: ScenarioDocument) -> dict[str, list[EventDocument]]:
    """Return the attempts of each probe, the probes in their order within each container."""
    found: dict[str, list[EventDocument]] = {}
    for event in scenario.events:
        if event.kind in ATTEMPTS:
            found.setdefault(event.subject, []).append(event)

    def order(subject: str) -> tuple[str, int]:
        container, _, probe = subject.rpartition("/")
        return container, PROBES.index(probe) if probe in PROBES else len(PROBES)

    return {subject: found[subject] for subject in sorted(found, key=order)}


def _axis(drawing: Drawing, frame: Frame, top: float, bottom: float) -> None:
    room = _a_second(frame)
    step = next((tick for tick in TICKS if tick * room >= TICK_ROOM), TICKS[-1])
    for number in range(int(frame.seconds / step) + 1):
        x = frame.x(number * step)
        drawing.line(x, top - GAP / 2, x, bottom, "time")
        anchor = "start" if number == 0 else "end" if x > frame.right - 12 else "middle"
        drawing.text(x, bottom + 14, f"{number * step:g} s", "scale", anchor=anchor)


def _a_second(frame: Frame) -> float:
    return (frame.right - frame.left) / frame.seconds if frame.seconds > 0 else 0.0


LABEL_GAP = 4.0


@dataclass(frozen=True)
class _Label:
    """A moment with its place: `row` from the top, text to the right of the line or, at the edge, to the left."""

    moment: Moment
    x: float
    row: int
    words: str
    anchor: str

    def draw_line(self, drawing: Drawing, bottom: float) -> None:
        drawing.line(self.x, self.row * ROW + 1, self.x, bottom, "moment")

    def draw_words(self, drawing: Drawing) -> None:
        y = (self.row + 1) * ROW - 3
        shift = LABEL_GAP if self.anchor == "start" else -LABEL_GAP
        tip = f"{self.moment.at:.2f} s: {self.moment.label}"
        drawing.text(self.x + shift, y, self.words, "moment-label", anchor=self.anchor, tip=tip)


def _labelled(found: Sequence[Moment], frame: Frame) -> list[_Label]:
    """Return the moments with their labels in as few rows as keep them apart."""
    rows: list[float] = []
    labelled = []
    for moment in found:
        x, left = frame.x(moment.at), frame.left
        words = shorten(moment.label, max(frame.right - x, x - left) - 2 * LABEL_GAP)
        width = len(words) * CHARACTER + 2 * LABEL_GAP
        anchor = "start" if x + width <= frame.right else "end"
        begin, end = (x, x + width) if anchor == "start" else (x - width, x)
        row = next((at for at, occupied in enumerate(rows) if occupied <= begin), len(rows))
        rows[row : row + 1] = [end + LABEL_GAP]
        labelled.append(_Label(moment, x, row, words, anchor))
    return labelled
