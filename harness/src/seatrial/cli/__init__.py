"""The command `seatrial VERB`: one verb a file, imported when it is typed, with its own arguments.

A verb's file imports at its top only what its arguments need, and the rest where it does something: `--help`, and what
needs neither podman nor a cluster, start at once.
"""

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

import click
from click.shell_completion import shell_complete

from seatrial.cli.verb import COULD_NOT_RUN, INTERRUPTED
from seatrial.terminal.console import complain, err, flush, out, prepare, silence

COMPLETION = "_SEATRIAL_COMPLETE"
"""The variable by which a shell asks for completions."""
VERBS = ("check", "trial", "explain", "compare", "doctor", "up", "down", "status", "logs", "render", "server")
"""In the order in which they are listed."""
OF_A_SERVER = ("rollout", "rollback", "repair", "secret", "backup", "restore")
"""What is short for `seatrial server ...`: an administrator types it often, and no other verb has the name."""
LOCAL = ("up", "down", "status", "logs", "render")


class Verbs(click.Group):
    """The verbs, each in its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one of them, None for a name that none has."""
        if cmd_name in OF_A_SERVER:
            return self._imported("server").get_command(ctx, cmd_name)  # type: ignore[attr-defined, no-any-return]
        return self._imported(cmd_name) if cmd_name in VERBS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb that was typed; one that is none is told with those that are like it."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = get_close_matches(args[0], (*VERBS, *OF_A_SERVER), 3)
            others = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(VERBS)}"
            raise click.UsageError(f"there is no verb {args[0]!r}; {others}", ctx)
        return super().resolve_command(ctx, args)

    @staticmethod
    def _imported(name: str) -> click.Command:
        return getattr(import_module(f"seatrial.cli.{name}"), name)  # type: ignore[no-any-return]


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='A shell completes verbs and options after `eval "$(_SEATRIAL_COMPLETE=bash_source seatrial)"`; '
    "zsh_source and fish_source are for the others.",
)
@click.version_option(package_name="seatrial", message="%(prog)s %(version)s")
@click.pass_context
def seatrial(context: click.Context) -> None:
    """Give a verdict, with evidence, on any Kubernetes deployment."""
    if context.invoked_subcommand is None:
        out.print(overview(context), markup=False)


def overview(context: click.Context) -> str:
    """Return, in ten lines, what can be done."""
    shown: dict[str, str] = {}
    for name in VERBS:
        command = seatrial.get_command(context, name)
        assert command is not None
        if name in LOCAL:
            shown[f"{'|'.join(LOCAL)} PATH"] = "a deployment that stays on this machine"
        elif not command.hidden:
            shown[" ".join([name, *command.collect_usage_pieces(context)[1:]])] = command.get_short_help_str(90)
    width = max(map(len, shown))
    return "\n".join(
        [
            "seatrial: a verdict, with evidence, on any Kubernetes deployment",
            "",
            *(f"  {what:{width}}  {does}" for what, does in shown.items()),
            "`seatrial VERB --help` tells the rest.",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code; what a user can mend is one message."""
    prepare()
    if instruction := os.environ.get(COMPLETION):
        return shell_complete(seatrial, {}, "seatrial", COMPLETION, instruction)
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except BrokenPipeError:  # who asked for help has read enough; what judges goes on to its exit code
        silence(sys.stdout)
        return 0
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return INTERRUPTED
    finally:
        flush()


def _run(arguments: list[str]) -> int:
    try:
        with seatrial.make_context("seatrial", arguments) as context:
            return seatrial.invoke(context) or 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        err.print(error.format_message(), markup=False)
    except click.ClickException as error:
        path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "seatrial"
        complain(f"{path}: {error.format_message().rstrip('.')}; `{path} --help` tells what may be given")
    return COULD_NOT_RUN
