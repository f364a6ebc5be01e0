"""gunicorn's worker: it runs one draining server and tells the arbiter every second that its event loop turns."""

import asyncio
import faulthandler
import logging
import mmap
import os
import signal
import sys
import threading
import time
from functools import partial
from typing import Any

import structlog
from gunicorn.arbiter import Arbiter
from uvicorn_worker import UvicornWorker

from app import logs
from app.serving.listening import with_mapped
from app.serving.protocol import LimitedProtocol
from app.serving.server import DrainingServer
from app.serving.shedding import Shedding
from app.serving.unread import UnreadAnswers
from app.settings import Settings

HEARTBEAT_SECONDS = 1.0
ORPHAN_SECONDS = 10.0  # more than a quick end takes: a second for what is in flight, the clean-up's five
# Nothing to a worker, and sent to its process group by a terminal that closes, or by a habit.
IGNORED = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGTTIN, signal.SIGTTOU)

_log = structlog.get_logger()


class Worker(UvicornWorker):  # type: ignore[misc]  # the parent ships no types
    """uvicorn-worker with our server in place of the stock one."""

    CONFIG_KWARGS = {  # noqa: RUF012 - the parent's declaration
        "loop": "uvloop",
        "ws": "none",
        "lifespan": "on",
        "server_header": False,
        "access_log": False,
        "reset_contextvars": True,  # a kept-alive connection hands down those of its last request
        "callback_notify": None,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slot = 0
        # Shared with the arbiter, which is told neither that a worker is about to go nor with what code it ended.
        self.finished = mmap.mmap(-1, 1)
        self._retiring = mmap.mmap(-1, 1)
        # The parent ties uvicorn's loggers to gunicorn's handlers; ours are all at the root.
        logging.getLogger("uvicorn.error").propagate = True
        settings: Settings = self.app.settings
        # The parent's default believes the environment and whoever is on the loopback address.
        self.config.proxy_headers = bool(settings.trusted_proxies)
        self.config.forwarded_allow_ips = with_mapped(settings.trusted_proxies)

    def init_process(self) -> None:
        """Run until the end, which comes with the arbiter's if that is killed."""
        threading.Thread(target=self._end_as_orphan, daemon=True).start()
        super().init_process()

    def init_signals(self) -> None:
        """Reset the arbiter's handlers, and have the stack of a blocked event loop printed when it is aborted."""
        super().init_signals()
        for ignored in IGNORED:
            signal.signal(ignored, signal.SIG_IGN)
        faulthandler.enable()

    @property
    def retiring(self) -> bool:
        """Whether it is being recycled; the arbiter knows it, too."""
        return bool(self._retiring[0])

    def retire(self) -> None:
        """Have the arbiter start a successor."""
        self._retiring[0] = True

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        settings, state = self.app.settings, self.wsgi.state
        shedding = Shedding(state.admission, state.metrics)
        self.config.http = partial(
            LimitedProtocol,
            settings=settings,
            lifecycle=state.lifecycle,
            admission=state.admission,
            shedding=shedding,
            waiting={},
            unread=UnreadAnswers(settings.max_buffered_bytes),
        )
        server = DrainingServer(self.config, state.lifecycle, settings, shedding, self.retire)
        loop = asyncio.get_running_loop()
        # The arbiter's word for "quickly", of which uvicorn knows nothing.
        loop.add_signal_handler(signal.SIGQUIT, server.handle_exit, signal.SIGQUIT, None)
        loop.set_exception_handler(logs.log_loop_error)
        lines = logs.emit_by_turns(loop)
        heartbeat = asyncio.create_task(self._beat(lines))
        state.metrics.count_by_turns(loop)
        await server.serve(sockets=[listener.sock for listener in self.sockets])
        shedding.tell()
        lines.write()
        state.metrics.count()
        heartbeat.cancel()
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)  # the lifespan failed: the next worker's would, too
        self.finished[0] = True

    async def _beat(self, lines: logs.Batch) -> None:
        while True:
            self.notify()
            lines.write()
            self.wsgi.state.metrics.sample()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    def _end_as_orphan(self) -> None:
        """End quickly once the arbiter is gone: nobody would replace or end this worker, and it holds the port.

        In a thread of its own: it also ends an event loop that hangs, which nobody is left to kill.
        """
        while os.getppid() == self.ppid:
            time.sleep(HEARTBEAT_SECONDS)
        _log.error("the arbiter is gone: its worker ends")
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)
