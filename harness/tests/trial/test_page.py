"""The page for people, as text; tests/integration/test_report.py opens it in a browser."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from harness.tests.trial import trials
from seatrial.logs import Log
from seatrial.timeline import Kind
from seatrial.traffic.exchange import Failure
from seatrial.trial.report.document import Document
from seatrial.trial.report.page import headline, number, page
from seatrial.trial.verdict import Claim, Finding, Mark, Record, Trial, Verdict

HOSTILE = (
    "</pre></style></title>--><script>alert(1)</script>\"'><img src=//elsewhere.example onerror=alert(1)>\x00\x1b[0m"
)


def html(trial: Trial) -> str:
    """Return the page of a trial."""
    return page(Document.of(trial))


class Reader(HTMLParser):
    """What a browser would find: every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each tag of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]


def verdicts(*verdicts: Verdict) -> Document:
    """Return a document of claims with these verdicts."""
    return Document.of(
        trials.trial(*(Finding(Claim(f"c{at}", "It is."), each, ()) for at, each in enumerate(verdicts)))
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((Verdict.HELD, Verdict.HELD, Verdict.NOT_APPLICABLE), "All 2 claims held"),
        ((Verdict.HELD, Verdict.BROKEN, Verdict.NOT_RUN), "1 of 3 claims broken"),
        ((Verdict.HELD, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE), "Not proven: 1 of 2 claims not run"),
        ((Verdict.NOT_APPLICABLE,), "Nothing was proven"),
    ],
)
def test_headline_is_the_verdict_on_the_whole(found: tuple[Verdict, ...], expected: str) -> None:
    """It says held only when every claim did: what was not run is not proven, and nothing at all is nothing."""
    assert headline(verdicts(*found)) == expected


def test_headline_of_an_excused_claim_says_so() -> None:
    """It does not count as held."""
    exempt = replace(trials.HELD[1], verdict=Verdict.BROKEN, exempt="known")
    assert headline(Document.of(trials.trial(trials.HELD[0], exempt))) == "The one claim held, 1 exempt"


def test_broken_claims_come_first_and_lead_to_what_happened() -> None:
    """The claim, its evidence, its figures, and a link to the scenario that is on the page."""
    text = html(trials.bad())
    order = [text.index(part) for part in ("claims broken", "What is broken", "299 of 5,200", "What was done", "<pre>")]
    assert order == sorted(order)
    targets = {attributes.get("href") for attributes in Reader(text).of("a")}
    assert targets == {"#scenario-1"}
    assert 'id="scenario-1"' in text


def test_good_trial_has_no_word_of_broken_claims() -> None:
    """Only its count: none."""
    text = html(trials.trial())
    assert "What is broken" not in text
    assert '<li class="broken none"><b>0</b>' in text
    assert text.count("<h1>") == 1
    assert "All 2 claims held" in text
    assert '<header class="held">' in text


def test_page_takes_the_colour_of_its_worst_claim() -> None:
    """Broken outweighs what was not run, and both outweigh what held."""
    assert '<header class="broken">' in html(trials.bad())
    not_run = replace(trials.HELD[0], verdict=Verdict.NOT_RUN)
    assert '<header class="not-run">' in html(trials.trial(trials.HELD[1], not_run))


def test_table_of_requests_has_the_results_that_there_were() -> None:
    """Columns for error statuses and closed connections only where there were any; for failures always."""
    assert ">failed</th>" in html(trials.trial())
    assert ">status 5xx</th>" not in html(trials.trial())
    failing = replace(trials.record(), requests=(trials.outcome(1, status=503),))
    assert ">status 5xx</th>" in html(trials.trial(records=(failing,)))


def test_arithmetic_of_static_claims_is_shown() -> None:
    """Also of those that held: it is why they did."""
    text = html(trials.trial())
    assert "lame duck 10 + linger 2 + drain 10 + clean-up 5 + margin 5 = 32 &lt;= 35" in text


def test_scenario_with_the_worst_finding_comes_first() -> None:
    """Whatever the order in which they ran."""
    records = tuple(replace(trials.record(), scenario=name, requests=()) for name in ("good", "bad"))
    findings = (
        Finding(Claim("a", "It is good."), Verdict.HELD, (), scenario="good"),
        Finding(Claim("b", "It is not bad."), Verdict.BROKEN, (), scenario="bad"),
    )
    text = html(trials.trial(*findings, records=records))
    assert text.index("<h3>bad</h3>") < text.index("<h3>good</h3>")


def test_claim_of_a_scenario_without_a_record_is_still_shown() -> None:
    """It has no link, because there is nothing to lead to."""
    found = Finding(Claim("a", "It is somewhere."), Verdict.BROKEN, (), scenario="elsewhere")
    text = html(trials.trial(found))
    assert text.count("It is somewhere.") == 2
    assert Reader(text).of("a") == []


def everywhere() -> Iterator[Trial]:
    """Yield a trial whose every text is hostile."""
    record = trials.record(lost=True)
    requests = (replace(record.requests[0], client=HOSTILE, detail=HOSTILE, failure=Failure.RESET, status=None),)
    events = tuple(replace(each, subject=HOSTILE, detail=HOSTILE) for each in record.events)
    yield Trial(
        source=HOSTILE,
        runtime=HOSTILE,
        wall=trials.WALL,
        seconds=1.0,
        versions={HOSTILE: HOSTILE},
        calibration={HOSTILE: 1.0},
        findings=tuple(
            Finding(Claim(HOSTILE, HOSTILE, static=static), verdict, (HOSTILE,), {HOSTILE: 1.0}, scenario, exempt)
            for verdict in Verdict
            for static in (True, False)
            for scenario in (None, HOSTILE)
            for exempt in (None, HOSTILE)
        ),
        records=(
            Record(
                HOSTILE,
                HOSTILE,
                record.began,
                record.ended,
                record.wall,
                events=events,
                requests=requests,
                marks=(Mark(trials.BEGAN + 1, HOSTILE),),
                logs=(Log(HOSTILE, HOSTILE * 100, HOSTILE),),
            ),
        ),
    )


def test_hostile_text_stays_text_wherever_it_stands() -> None:
    """No tag but the page's own, no handler, no address, no control character."""
    (trial,) = everywhere()
    text = html(trial)
    found = Reader(text)
    names = {name for name, _ in found.tags}
    assert names.isdisjoint({"script", "img", "iframe", "object", "embed", "form", "base"})
    assert len(found.of("meta")) == 5
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on") or name == "style"]
    assert {attributes.get("href") for attributes in (*found.of("a"), *found.of("link"))} == {"#scenario-1", "data:,"}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert r"\x00\x1b[0m" in text


def test_policy_allows_the_pages_own_style_and_nothing_else() -> None:
    """By its hash: a style or a script that got in would not be applied."""
    text = html(trials.trial())
    (style,) = re.findall("<style>(.*)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (
        each["content"] for each in Reader(text).of("meta") if each.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_page_names_nothing_outside_of_itself() -> None:
    """No address but those of namespaces and of the page's own parts; ids are unique."""
    found = Reader(html(trials.bad()))
    for _, attributes in found.tags:
        for name, value in attributes.items():
            assert name == "xmlns" or "//" not in (value or "")
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (12.0, "12"),
        (0.0021, "0.0021"),
        (12.5, "12.5"),
        (30620.0, "30,620"),
        (1e9, "1,000,000,000"),
        (0.0, "0"),
        (None, "not a finite number"),
    ],
)
def test_figure_is_written_as_people_write_it(value: float | None, shown: str) -> None:
    """No exponent, no string of zeros."""
    assert number(value) == shown


@pytest.mark.parametrize(("lines", "shown"), [(400, 400), (401, 400), (30_000, 400)])
def test_page_has_the_beginning_and_the_end_of_a_log(lines: int, shown: int) -> None:
    """And says how much it lacks; trial.json has it all."""
    record = replace(
        trials.record(), requests=(), logs=(Log("web", "\n".join(f"line {at} logged" for at in range(lines - 1))),)
    )
    text = html(trials.trial(records=(record,)))
    assert text.count(" logged") == shown - 1  # of the lines shown the first is the headline
    assert "line 0 logged" in text
    assert f"line {lines - 2} logged" in text
    assert ("left out" in text) == (lines > shown)


def test_event_with_a_long_detail_is_cut() -> None:
    """The whole is in trial.json: a stack trace must not bury the events."""
    record = replace(
        trials.record(),
        requests=(),
        events=(*trials.events(), trials.event(9, Kind.ATTEMPT_FAILED, "web/readiness", "x" * 5000)),
    )
    assert "x" * 600 not in html(trials.trial(records=(record,)))
