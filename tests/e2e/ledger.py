"""Writers that keep a ledger of what was acknowledged, to be held against what is stored."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from seatrial.host.ports import HOST
from seatrial.kubelet.pod import Pod
from tests.e2e import notes

TIMEOUT_SECONDS = 30.0
PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Answer:
    """One request's answer, None as its status when the connection failed."""

    sent_at: float
    seconds: float
    status: int | None
    retry_after: str | None = None
    text: str = ""


@dataclass
class Ledger:
    """The titles that were answered with 201, and every answer."""

    run: str
    acknowledged: set[str] = field(default_factory=set)
    answers: list[Answer] = field(default_factory=list)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def write(self, pod: Pod) -> None:
        """Write one note after the other until told to stop."""
        async with _client(pod) as client:
            while not self.stopping.is_set():
                title, began = f"{self.run} {next(self._numbers)}", time.monotonic()
                try:
                    answer = await client.post(notes.NOTES, json={"title": title})
                except httpx.TransportError as error:
                    self.answers.append(Answer(began, time.monotonic() - began, None, text=repr(error)))
                else:
                    seconds, retry_after = time.monotonic() - began, answer.headers.get("retry-after")
                    self.answers.append(Answer(began, seconds, answer.status_code, retry_after, answer.text))
                    if answer.status_code == httpx.codes.CREATED:
                        self.acknowledged.add(title)
                await asyncio.sleep(PAUSE_SECONDS)

    def since(self, moment: float, until: float = float("inf")) -> list[Answer]:
        """Return the answers to what was sent from a moment on (monotonic)."""
        return [answer for answer in self.answers if moment <= answer.sent_at < until]

    def __str__(self) -> str:
        """Return how many answers there were of each status, and the slowest."""
        counts = Counter(answer.status for answer in self.answers)
        slowest = max((answer.seconds for answer in self.answers), default=0.0)
        return f"{len(self.acknowledged)} acknowledged; answers {dict(counts)}; slowest {slowest:.1f} s"


async def stored(pod: Pod) -> set[str]:
    """Return the titles of all notes."""
    titles: set[str] = set()
    async with _client(pod) as client:
        parameters: dict[str, str | int] = {"limit": 100}
        while True:
            page = (await client.get(notes.NOTES, params=parameters)).raise_for_status().json()
            titles |= {item["title"] for item in page["items"]}
            if page["next"] is None:
                return titles
            parameters["cursor"] = page["next"]


def _client(pod: Pod) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://{HOST}:{pod.host_port(notes.PORT)}", timeout=TIMEOUT_SECONDS)
