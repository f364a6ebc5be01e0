"""The data in PostgreSQL, by its own tools in its container."""

from collections.abc import Callable
from dataclasses import dataclass

from seatrial.command import Command, Completed
from seatrial.podman.client import Podman, environment
from seatrial.server.errors import ServerError
from seatrial.waiting import to_the_end

LIMIT_SECONDS = 3600.0
ROLE = DATABASE = "seatrial"
SCRATCH, KEPT = "seatrial_scratch", "seatrial_before_restore"

# In one transaction: there is the database of before, or the new one, under the name. Nobody can connect meanwhile. It
# is one text, which psql has as a whole before it begins: it does not end in the middle with whoever sent it.
SWAP = f"""
ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS false;
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname IN ('{DATABASE}', '{SCRATCH}');
BEGIN;
ALTER DATABASE {DATABASE} RENAME TO {KEPT};
ALTER DATABASE {SCRATCH} RENAME TO {DATABASE};
ALTER DATABASE {KEPT} ALLOW_CONNECTIONS true;
COMMIT;
"""  # noqa: S608 - constants
OPEN = f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS true"


@dataclass(frozen=True)
class PostgresStore:
    """The database in a container; a restore goes into a new one, so that nothing newer than the backup stays."""

    container: str
    podman: Podman
    tell: Callable[[str], None]

    async def save(self, target: int) -> None:
        """Write a dump, as of one moment, to a descriptor."""
        await self._tool("pg_dump", f"--username={ROLE}", f"--dbname={DATABASE}", "--format=custom", target=target)

    async def verify(self, source: int) -> None:
        """Read a dump back from a descriptor into a scratch database, or raise."""
        try:
            await self._load(source)
        finally:
            await to_the_end(self._drop(SCRATCH))

    async def restore(self, open_again: Callable[[], int]) -> None:
        """Put a dump in place of the data in one step; what was there is kept until the next restore."""
        identity = ""
        try:
            await self._load(open_again())
            identity = await self._identity(SCRATCH)
            await self._drop(KEPT)
            await to_the_end(self._swap())
        except BaseException:
            await to_the_end(self._say_which(identity))
            raise
        finally:
            await to_the_end(self._drop(SCRATCH))
        self.tell(f"what was there is kept until the next restore: the database {KEPT}")
        self.tell("`seatrial rollout` brings the schema up to date, if the backup is older than the service")

    async def _load(self, source: int) -> None:
        await self._drop(SCRATCH)
        await self._sql(f"CREATE DATABASE {SCRATCH} OWNER {ROLE} TEMPLATE template0")
        names = (f"--username={ROLE}", f"--dbname={SCRATCH}")
        try:
            await self._tool("pg_restore", *names, "--single-transaction", "--no-owner", source=source)
            revisions = (await self._sql("SELECT count(*) FROM alembic_version", SCRATCH)).stdout.strip()
        except ServerError as error:
            raise ServerError(f"this is no whole backup of the service: {error}") from error
        if revisions != "1":
            raise ServerError(f"this is no backup of the service: it has {revisions} revisions of a schema, not 1")

    async def _swap(self) -> None:
        try:
            await self._sql(SWAP)
        except ServerError:
            await self._sql(OPEN)
            raise

    async def _say_which(self, identity: str) -> None:
        now = await self._identity(DATABASE)
        self.tell("the data is the backup's" if now == identity else "the data is what it was before")

    async def _identity(self, database: str) -> str:
        ask = f"SELECT oid FROM pg_database WHERE datname = '{database}'"  # noqa: S608 - constants
        return (await self._sql(ask)).stdout.strip()

    async def _drop(self, database: str) -> None:
        await self._sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    async def _sql(self, text: str, database: str = "postgres") -> Completed:
        options = ("--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", f"--username={ROLE}")
        return await self._tool("psql", *options, f"--dbname={database}", stdin=text.encode())

    async def _tool(
        self, *argv: str, stdin: bytes | None = None, source: int | None = None, target: int | None = None
    ) -> Completed:
        """Run one of PostgreSQL's tools; it ends with its input or output, so that nobody goes on after this."""
        argv = ("podman", "exec", "--interactive", self.container, *argv)
        held = self.podman.held
        command = Command(argv, LIMIT_SECONDS, None, stdin, environment(), held=held, source=source, target=target)
        return (await command.run()).check(ServerError)
