"""gunicorn's configuration, and the moment in which it would lose a SIGTERM."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.serving.gunicorn import Gunicorn
from app.serving.heartbeat import Heartbeat
from app.settings import Settings

# An arbiter that queues signals and never reads the queue, and a worker that is slow to install its own handlers.
FORK = """
import os, queue, signal, time
from app.serving.gunicorn import let_sigterm_reach_a_booting_worker
received = queue.SimpleQueue()
signal.signal(signal.SIGTERM, lambda sig, frame: received.put(sig))
{prepare}
child = os.fork()
if child == 0:
    for _ in range(30):
        time.sleep(0.1)
    os._exit(0)
os.kill(child, signal.SIGTERM)
_, status = os.waitpid(child, 0)
os.kill(os.getpid(), signal.SIGTERM)
print("worker ended by SIGTERM" if os.WIFSIGNALED(status) else "worker went on", received.get(timeout=5))
"""


@pytest.mark.parametrize(
    ("prepare", "outcome"),
    [("let_sigterm_reach_a_booting_worker()", "worker ended by SIGTERM 15"), ("", "worker went on 15")],
)
def test_sigterm_reaches_a_worker_that_is_booting(prepare: str, outcome: str) -> None:
    """With our hooks it ends the worker, without them it is lost; the arbiter keeps its own handler in both cases."""
    script = [sys.executable, "-c", FORK.format(prepare=prepare)]
    result = subprocess.run(script, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert result.stdout.strip() == outcome


def test_gunicorn_waits_longer_than_a_worker_needs(settings: Settings) -> None:
    """The arbiter kills after graceful_timeout: lame duck, linger, drain and the lifespan's end fit before it."""
    needed = settings.lame_duck_seconds + settings.linger_seconds + settings.drain_seconds
    assert Gunicorn(settings).cfg.graceful_timeout > needed


def test_gunicorn_writes_nothing_but_to_shared_memory(settings: Settings) -> None:
    """A read-only root works: no control socket, and no heartbeat file wherever gunicorn is told to put it."""
    options = Gunicorn(settings).cfg
    assert options.control_socket_disable
    options.set("worker_tmp_dir", "/nowhere")
    beat = Heartbeat(options)
    before = time.monotonic()
    beat.notify()
    assert before <= beat.last_update() <= time.monotonic()
    beat.close()


def test_workers_are_not_recycled_by_default(settings: Settings) -> None:
    """No restart by request count unless asked for."""
    assert Gunicorn(settings).cfg.max_requests == 0


@pytest.mark.parametrize("workers", [1, 3])
def test_web_concurrency_sets_the_worker_count(settings: Settings, workers: int) -> None:
    """The setting wins over the quota."""
    assert Gunicorn(settings.model_copy(update={"workers": workers})).cfg.workers == workers
