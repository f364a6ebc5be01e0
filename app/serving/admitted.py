"""Admission before a request costs anything: one of a connection waits for a place, or is refused in a few bytes."""

from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.admission import Admission
from app.lifecycle import Lifecycle
from app.middleware import request_id
from app.middleware.observation import CLIENT_CLOSED_REQUEST, OPERATIONAL
from app.serving.shedding import Shedding
from app.serving.turn import Turn


class AdmittedProtocol(HttpToolsProtocol):
    """One connection, of which each request has a turn; what asks how the service does needs none."""

    def __init__(
        self, *args: Any, lifecycle: Lifecycle, admission: Admission, shedding: Shedding, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._lifecycle = lifecycle
        self._admission = admission
        self._shedding = shedding
        self._answering: RequestResponseCycle | None = None  # `cycle` is what was read last
        self._waits = False  # for a place, and `_answering` with it

    def connection_lost(self, exc: Exception | None) -> None:
        """Withdraw a request that waits for its turn: nothing is begun for a client that has left."""
        if self._waits and self._answering:
            self._admission.withdraw(self)
            self._shedding.count(self._answering.scope["method"], CLIENT_CLOSED_REQUEST)
        super().connection_lost(exc)

    def begin(self) -> None:
        """Have the application answer the request, which has a place."""
        self._waits = False
        turn: Any = Turn(self.app, self._admission)
        super()._start_asgi_task(self._answering, turn)  # type: ignore[arg-type]  # who waits is to be answered

    def refuse(self) -> None:
        """Answer the request, for which there was no place in time."""
        self._waits = False
        cycle = self._answering
        assert cycle  # noqa: S101 - for the type checker: who waits is to be answered
        close = not cycle.keep_alive or cycle.more_body or self._lifecycle.closing
        identity = request_id.of(cycle.scope["headers"])
        self.transport.write(self._shedding.refusal(cycle.scope["method"], identity, close=close))
        cycle.response_started = cycle.response_complete = True
        if close:
            self.transport.close()
        self.on_response_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        if cycle.scope["path"] in OPERATIONAL:  # answered in an overload, too
            super()._start_asgi_task(cycle, app)
        else:
            self._waits = True
            self._admission.ask(self)
