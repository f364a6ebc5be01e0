"""gunicorn's arbiter: a recycled worker's successor starts early, a pause kills nobody, few signals mean anything."""

import queue
import signal
import time

import structlog
from gunicorn.arbiter import Arbiter as StockArbiter

from app import logs
from app.serving.worker import Worker

PAUSED_SECONDS = 2.0  # twice what the arbiter waits between two looks at its workers: so late, it did not run
LOOK_SECONDS = 0.1
QUICK_END_SECONDS = 10.0  # more than a quick end takes: a second for what is in flight, the clean-up's five

_log = structlog.get_logger()


class Arbiter(StockArbiter):
    """The stock arbiter, but for what follows.

    A worker that is about to go does not count. Stock, its successor starts when it has gone: with one worker nobody
    would accept meanwhile, for as long as its drain takes.

    A machine that was paused (a virtual machine's migration, SIGSTOP, a frozen cgroup) has hung no worker: after a
    pause each has the whole timeout to show that it lives, and a pause takes nothing from the time to end in.

    SIGTERM, SIGINT and SIGQUIT end the service; no other signal changes it. Settings are read once, before the first
    fork, so a reload would change nothing but take workers out of service; the number of workers is part of the
    connection arithmetic; and a second arbiter is nobody's to end.
    """

    _waits_since = 0.0  # monotonic, for all of them
    _resumed_at = float("-inf")

    def manage_workers(self) -> None:
        """Start or stop workers, so that as many as are wanted stay."""
        wanted = self.num_workers
        retiring = [worker for worker in self.WORKERS.values() if isinstance(worker, Worker) and worker.retiring]
        self.num_workers = wanted + len(retiring)
        try:
            super().manage_workers()
        finally:
            self.num_workers = wanted
        logs.flush()
        self.app.metrics.sample()  # type: ignore[attr-defined]  # ours: app.serving.gunicorn
        self._waits_since = time.monotonic()  # for a signal, a second at most

    def murder_workers(self) -> None:
        """Kill workers that have been silent for the timeout, unless it was the arbiter that did not hear."""
        now = time.monotonic()
        if now - self._waits_since > PAUSED_SECONDS:
            _log.warning("paused: each worker has its timeout anew", seconds=round(now - self._waits_since, 1))
            self._resumed_at = now
        if now - self._resumed_at > self.timeout:
            super().murder_workers()

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002 - gunicorn's signature
        """End the workers, and kill those that take longer than they may while this process runs.

        Stock, the wall's clock counts, which goes on in a pause, and may be set meanwhile.
        """
        while self.LISTENERS:
            self.LISTENERS.pop().close()
        self.kill_workers(signal.SIGTERM if graceful else signal.SIGQUIT)
        left = self.cfg.graceful_timeout if graceful else QUICK_END_SECONDS
        last = time.monotonic()
        while self.WORKERS and left > 0:
            if graceful and self._is_hurried():
                graceful = False
                self.kill_workers(signal.SIGQUIT)
                left = QUICK_END_SECONDS
            self.reap_workers()
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            left -= min(now - last, PAUSED_SECONDS)
            last = now
        self.kill_workers(signal.SIGKILL)
        self.reap_workers()

    def _is_hurried(self) -> bool:
        """Return whether a signal has come that wants a quick end."""
        try:
            hurried = self.SIG_QUEUE.get_nowait() in (signal.SIGINT, signal.SIGQUIT)
        except queue.Empty:
            return False
        if hurried:
            _log.info("Quick shutdown requested")
        return hurried

    def handle_hup(self) -> None:
        """Reload nothing."""
        self._ignore("SIGHUP", "settings are read at the start alone; restart the service, or roll it out")

    def handle_usr1(self) -> None:
        """Reopen nothing."""
        self._ignore("SIGUSR1", "logs go to stdout, there is no file to reopen")

    def handle_usr2(self) -> None:
        """Start no second arbiter."""
        self._ignore("SIGUSR2", "no second arbiter is started; roll the service out")

    def handle_ttin(self) -> None:
        """Add no worker."""
        self._ignore("SIGTTIN", "WEB_CONCURRENCY sets the number of workers")

    def handle_ttou(self) -> None:
        """Remove no worker."""
        self._ignore("SIGTTOU", "WEB_CONCURRENCY sets the number of workers")

    def handle_winch(self) -> None:
        """Let a terminal have another size."""

    def _ignore(self, signal: str, reason: str) -> None:
        _log.warning(f"{signal} is ignored: {reason}")
