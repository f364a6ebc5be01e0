"""gunicorn's configuration, derived from the settings: nobody runs the `gunicorn` command or writes its file."""

import logging
import math
import os
import signal
from typing import Any

from fastapi import FastAPI
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from app import descriptors
from app.cpus import worker_count
from app.lifecycle import Lifecycle
from app.main import create_app
from app.naming import NAME
from app.serving import heartbeat
from app.serving.arbiter import Arbiter
from app.serving.listening import binds
from app.serving.shared_metrics import SharedMetrics
from app.settings import Settings

LIFESPAN_SECONDS = 5.0  # what the clean-up after the drain may take before gunicorn kills a worker


class RootLogger(Logger):
    """gunicorn's logger without handlers of its own: its records go to the root's."""

    def setup(self, cfg: Any) -> None:
        """Take the configuration and install nothing."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True
        self.error_log.setLevel(logging.NOTSET)


class Gunicorn(BaseApplication):
    """The service as gunicorn runs it."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self._backlog = descriptors.fit(settings)
        self.metrics = SharedMetrics(settings)
        super().__init__(prog=NAME)

    def load_config(self) -> None:
        """Set gunicorn's options."""
        settings = self.settings
        options = {
            "bind": binds(settings.host, settings.port),
            "workers": settings.workers or worker_count(),
            "backlog": self._backlog,
            "worker_class": "app.serving.worker.Worker",
            "logger_class": RootLogger,
            "timeout": settings.worker_timeout_seconds,
            "graceful_timeout": math.ceil(
                settings.lame_duck_seconds + settings.linger_seconds + settings.drain_seconds + LIFESPAN_SECONDS
            ),
            "keepalive": settings.keep_alive_seconds,
            "max_requests": settings.max_requests,
            "max_requests_jitter": settings.max_requests_jitter,
            "control_socket_disable": True,
            "pre_fork": self.metrics.pre_fork,
            "post_fork": self.metrics.post_fork,
            "child_exit": self.metrics.child_exit,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Run the arbiter until a signal ends it."""
        Arbiter(self).run()

    def load(self) -> FastAPI:
        """Return a worker's own application: the code is imported before the fork, the objects are made after it."""
        app = create_app(self.settings, Lifecycle())
        app.middleware_stack = app.build_middleware_stack()  # now, so that what it refuses ends the start
        return app


def serve(settings: Settings) -> None:
    """Run the arbiter and its workers until a signal ends them."""
    let_sigterm_reach_a_booting_worker()
    gunicorn = Gunicorn(settings)
    gunicorn.metrics.open()
    heartbeat.install()
    gunicorn.run()


def let_sigterm_reach_a_booting_worker() -> None:
    """Give a new worker SIGTERM's default action until it has a handler of its own.

    It inherits the arbiter's, which puts the signal into a queue that nobody reads in the worker: a SIGTERM in that
    moment would be lost, and the worker killed after the whole graceful_timeout. Blocked across the fork, it waits.
    """

    def child() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM}),
        after_in_child=child,
    )
