"""The lanes of the timeline, each a row on the common time axis that draws itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from seatrial.timeline import Kind
from seatrial.trial.report.document import EventDocument, RequestDocument
from seatrial.trial.report.phases import Band
from seatrial.trial.report.requests import PROBLEMS, Column, Result, columns
from seatrial.trial.report.svg import Drawing, point

CHARACTER = 6.2
"""The average width of a character of the labels, in the drawing's units."""
DOT, CROSS = 2.0, 5.0
"""The sizes of what stands for a request."""
RATE_SECONDS = 0.25
"""The least time over which requests are counted to a rate."""
LEAST = 3.0
"""What is drawn of a failure at least, in the drawing's units: one in thousands must be seen."""


@dataclass(frozen=True)
class Frame:
    """Where time is on the drawing: seconds 0 to `seconds` from `left` to `right`."""

    seconds: float
    left: float
    right: float

    def x(self, at: float) -> float:
        """Return where a moment is; one from outside is at the edge."""
        share = at / self.seconds if self.seconds > 0 else 0.0
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)


class Lane(Protocol):
    """A row with a label, which stands out when it shows what should not be."""

    @property
    def label(self) -> str:
        """What it shows."""

    @property
    def height(self) -> float:
        """How high it is."""

    @property
    def bad(self) -> bool:
        """Whether it shows what should not be."""

    def draw(self, drawing: Drawing, frame: Frame, top: float) -> None:
        """Draw it, from `top` down."""


@dataclass(frozen=True)
class PhaseLane:
    """The phases of a container as coloured bands with their names."""

    label: str
    bands: Sequence[Band]
    height: float = 20.0
    bad: bool = False

    def draw(self, drawing: Drawing, frame: Frame, top: float) -> None:
        """Draw each band, hatched once it is terminating."""
        for band in self.bands:
            x, width = frame.x(band.begin), frame.x(band.end) - frame.x(band.begin)
            tip = f"{band}: {band.begin:.2f} s to {band.end:.2f} s"
            drawing.rectangle(x, top, width, self.height, "phase", str(band.phase).replace(" ", "-"), tip=tip)
            if band.terminating:
                drawing.path(_hatching(x, top, width, self.height), "hatch")
            words = next((each for each in (str(band), str(band.phase)) if len(each) * CHARACTER + 8 < width), "")
            if words:
                drawing.text(x + width / 2, top + self.height / 2 + 4, words, "in-band", anchor="middle")


@dataclass(frozen=True)
class AttemptLane:
    """The attempts of a probe: a low tick for a success, a tall cross for a failure."""

    label: str
    attempts: Sequence[EventDocument]
    height: float = 16.0
    bad: bool = False

    def draw(self, drawing: Drawing, frame: Frame, top: float) -> None:
        """Draw each failure, and the successes that are not on top of another."""
        bottom, last = top + self.height, -math.inf
        drawing.line(frame.left, bottom, frame.right, bottom, "base")
        for each in self.attempts:
            x, tip = frame.x(each.at), f"{each.at:.2f} s: {each.kind}: {each.detail}"
            if each.kind is Kind.ATTEMPT_FAILED:
                drawing.path(_cross(x, top + self.height / 2, 4.5), "attempt", "failed", tip=tip)
            elif x - last >= 2.0:
                drawing.line(x, bottom, x, bottom - self.height * 0.55, "attempt", "succeeded", tip=tip)
                last = x


@dataclass(frozen=True)
class RateLane:
    """How many requests were sent a second, and how many of them came to no good."""

    columns: Sequence[Column]
    label: str = "requests/s"
    height: float = 64.0
    bad: bool = False

    def draw(self, drawing: Drawing, frame: Frame, top: float) -> None:
        """Draw all as an area and the problems, never lower than can be seen, in front of it."""
        bottom, most = top + self.height, max(column.total for column in self.columns)
        a_second = most / (self.columns[0].end - self.columns[0].begin)
        drawing.line(frame.left, top, frame.right, top, "grid")
        drawing.line(frame.left, bottom, frame.right, bottom, "base")
        scale_label(drawing, frame, top, f"{a_second:,.0f}")
        area, problems = [], []
        for column in self.columns:
            area += _bar(frame, column, bottom, self.height * column.total / most)
            if column.problems:
                problems += _bar(frame, column, bottom, max(self.height * column.problems / most, LEAST))
        drawing.path(area, "sent")
        drawing.path(problems, "lost")


@dataclass(frozen=True)
class ProblemLane:
    """When requests came to one kind of no good: a bar for each column that has one."""

    result: Result
    columns: Sequence[Column]
    height: float = 14.0

    @property
    def label(self) -> str:
        """The kind, and how many there were."""
        return f"{self.result}: {self._total:,}"

    @property
    def bad(self) -> bool:
        """Whether there were any."""
        return self._total > 0

    @property
    def _total(self) -> int:
        return sum(column.counts[self.result] for column in self.columns)

    def draw(self, drawing: Drawing, frame: Frame, top: float) -> None:
        """Draw the bars."""
        drawing.line(frame.left, top + self.height, frame.right, top + self.height, "base")
        for column in self.columns:
            if number := column.counts[self.result]:
                x, width = frame.x(column.begin), frame.x(column.end) - frame.x(column.begin)
                words = ", ".join(f"{count} {what}" for what, count in column.what.most_common())
                tip = f"{column.begin:.2f} s: {number} of {column.total} {self.result} ({words})"
                drawing.rectangle(x, top, max(width, LEAST), self.height, "problem", _name(self.result), tip=tip)


@dataclass(frozen=True)
class LatencyLane:
    """How long requests took, logarithmic: a dot for each answer and a cross for what came to no good, thinned."""

    columns: Sequence[Column]
    label: str = "latency"
    height: float = 84.0
    bad: bool = False

    def draw(self, drawing: Drawing, frame: Frame, top: float) -> None:
        """Draw one dot or cross where many would cover each other."""
        every = [each for column in self.columns for each in (*column.latencies, *column.problem_seconds)]
        low = math.floor(math.log10(max(min(every), 1e-4)))
        high = max(math.ceil(math.log10(max(*every, 1e-4))), low + 1)

        def y(seconds: float) -> float:
            share = (math.log10(max(seconds, 1e-9)) - low) / (high - low)
            return top + self.height * (1 - min(max(share, 0.0), 1.0))

        for exponent in range(low, high + 1):
            at = y(10.0**exponent)
            drawing.line(frame.left, at, frame.right, at, "base" if exponent == low else "grid")
            words = f"{10.0**exponent:g} s" if exponent >= 0 else f"{10.0 ** (exponent + 3):g} ms"
            scale_label(drawing, frame, at, words)
        dots, crosses = [], []
        for column in self.columns:
            x = (frame.x(column.begin) + frame.x(column.end)) / 2
            for at in sorted({round(y(each) / DOT) for each in column.latencies}):
                dots += [point("M", x - DOT / 2, at * DOT), f"h{DOT:g}"]
            for at in sorted({round(y(each) / CROSS) for each in column.problem_seconds}):
                crosses += _cross(x, at * CROSS, CROSS / 2)
        drawing.path(dots, "dot")
        drawing.path(crosses, "cross")


def lanes_of(requests: Sequence[RequestDocument], frame: Frame) -> list[Lane]:
    """Return the lanes of requests; that none failed is shown as well, what else did not happen is not."""
    if not requests:
        return []
    number = max(int((frame.right - frame.left) / DOT), 1)
    fine = columns(requests, frame.seconds, number)
    # Of a few milliseconds there is no rate to speak of.
    coarse = columns(requests, frame.seconds, min(number, max(math.ceil(frame.seconds / RATE_SECONDS), 1)))
    seen = [each for each in PROBLEMS if each is Result.FAILED or any(column.counts[each] for column in fine)]
    return [RateLane(coarse), *(ProblemLane(each, fine) for each in seen), LatencyLane(fine)]


def scale_label(drawing: Drawing, frame: Frame, y: float, words: str) -> None:
    """Write what a line stands for: left of the frame where there is room, else inside of it, on the right."""
    if frame.left > len(words) * CHARACTER:
        drawing.text(frame.left - 5, y + 4, words, "scale", anchor="end")
    else:
        drawing.text(frame.right, y - 2, words, "scale", anchor="end")


def _bar(frame: Frame, column: Column, bottom: float, height: float) -> list[str]:
    left, right = frame.x(column.begin), frame.x(column.end)
    corners = ((left, bottom), (left, bottom - height), (right, bottom - height), (right, bottom))
    return [point("L" if at else "M", *corner) for at, corner in enumerate(corners)]


def _cross(x: float, y: float, arm: float) -> list[str]:
    return [
        point("M", x - arm, y - arm),
        point("L", x + arm, y + arm),
        point("M", x - arm, y + arm),
        point("L", x + arm, y - arm),
    ]


def _hatching(x: float, top: float, width: float, height: float, step: float = 6.0) -> list[str]:
    """Return strokes from bottom left to top right, cut at the rectangle's sides."""
    steps = []
    for at in range(1, math.ceil((width + height) / step)):
        begin, end = at * step - height, at * step
        low, high = max(begin, 0.0), min(end, width)
        steps += [point("M", x + low, top + height - (low - begin)), point("L", x + high, top + end - high)]
    return steps


def _name(result: Result) -> str:
    return str(result).replace(" ", "-")
