"""gunicorn's arbiter, which has a recycled worker's successor start before that worker stops accepting."""

from gunicorn.arbiter import Arbiter as StockArbiter

from app.serving.worker import Worker


class Arbiter(StockArbiter):
    """The stock arbiter, but that a worker which is about to go does not count.

    Stock, the successor starts when the worker has gone: with one worker nobody would accept meanwhile, for as long as
    its drain takes.
    """

    def manage_workers(self) -> None:
        """Start or stop workers, so that as many as are wanted stay."""
        wanted = self.num_workers  # as configured, and changed by SIGTTIN and SIGTTOU
        retiring = [worker for worker in self.WORKERS.values() if isinstance(worker, Worker) and worker.retiring]
        self.num_workers = wanted + len(retiring)
        try:
            super().manage_workers()
        finally:
            self.num_workers = wanted
