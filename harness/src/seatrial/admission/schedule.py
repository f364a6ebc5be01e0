"""When a CronJob runs: the five fields of cron, as robfig/cron, which the API server has, reads them."""

import re
from collections.abc import Sequence

MACROS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 6, DAYS),
)
EVERY = re.compile(r"@every ([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+")
PART = re.compile(r"(?P<from>\*|\?|\w+)(-(?P<to>\w+))?(/(?P<step>[0-9]+))?")


def schedule(text: str) -> str | None:
    """Say what keeps a text from being a schedule, None where nothing does."""
    if "TZ=" in text:
        return f"given {text!r}; allowed: a time zone in `timeZone` alone"
    if text.startswith("@"):
        if text in MACROS or EVERY.fullmatch(text):
            return None
        return f"given {text!r}; allowed: {', '.join(MACROS)}, @every 1h30m, or five fields"
    fields = text.split()
    if len(fields) != len(FIELDS):
        return f"given {text!r}, which has {len(fields)} fields; allowed: five, from the minute to the day of the week"
    for given, (name, least, most, words) in zip(fields, FIELDS, strict=True):
        for item in given.split(","):
            if not _fits(item, least, most, words):
                return f"given {text!r}; its {name} {item!r} is none from {least} to {most}"
    return None


def _fits(item: str, least: int, most: int, words: Sequence[str]) -> bool:
    matched = PART.fullmatch(item)
    if not matched or matched["step"] == "0":
        return False
    if matched["from"] in ("*", "?"):
        return matched["to"] is None
    given = [matched["from"], *filter(None, [matched["to"]])]
    if not all(text.isdigit() or text.lower() in words for text in given):
        return False
    bounds = [int(text) if text.isdigit() else words.index(text.lower()) + least for text in given]
    return bounds == sorted(bounds) and least <= bounds[0] and bounds[-1] <= most
