"""A verb: a command whose function may be async, and whose errors are one message and an exit code."""

import inspect
import traceback
from typing import Any

import click

from seatrial.errors import HarnessError
from seatrial.terminal.console import complain, err

BROKEN, COULD_NOT_RUN, INTERRUPTED = 1, 2, 130


class Verb(click.Command):
    """A verb that judges: 1 says that something is broken, 2 that this could not be told, in one line."""

    failed = COULD_NOT_RUN
    left = "nothing is left"

    def invoke(self, ctx: click.Context) -> int:
        """Run it and return the exit code."""
        try:
            done: Any = super().invoke(ctx)
            if inspect.iscoroutine(done):
                from seatrial import interrupt

                done = interrupt.run(done, lambda: err.print("interrupted; still removing"))
        except HarnessError as error:
            complain(self.told(error))
            return self.failed
        except KeyboardInterrupt as error:
            complain(f"interrupted; {self.left}")
            return getattr(error, "exit_code", INTERRUPTED)
        except click.ClickException:
            raise
        except Exception:  # noqa: BLE001 - Python would exit with 1, as if something had been found broken
            complain(traceback.format_exc())
            return COULD_NOT_RUN
        return done or 0

    def told(self, error: HarnessError) -> str:
        """Return an error's message as it is shown."""
        return " ".join(str(error).split())


class Deed(Verb):
    """A verb that does something here: 1 says that it failed, with the words of whoever refused it."""

    failed = BROKEN
    left = "`seatrial status` tells what there is, `seatrial down` removes it"

    def told(self, error: HarnessError) -> str:
        """Return all that was said."""
        return str(error)
