"""The command line, `python -m seatrial VERB`: it parses, wires and prints."""

import argparse
import sys
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from seatrial import interrupt
from seatrial.errors import HarnessError
from seatrial.local import ContainerStatus, Local, overlay_path
from seatrial.manifests.kustomize import render_text
from seatrial.podman import images
from seatrial.podman.client import enter_namespace, follow_logs
from seatrial.trial import engine, report
from seatrial.trial.engine import Progress
from seatrial.trial.report.text import visible
from seatrial.trial.verdict import Trial

FAILED, COULD_NOT_RUN, INTERRUPTED = 1, 2, 130

UNLIMITED_COLUMNS = 1000

out = Console(highlight=False, width=None if sys.stdout.isatty() else UNLIMITED_COLUMNS)
err = Console(stderr=True, highlight=False, soft_wrap=True)


async def build(_arguments: argparse.Namespace) -> int:
    """Build the image and say on what."""
    await _build()
    return 0


async def up(arguments: argparse.Namespace) -> int:
    """Build, deploy, wait until it is ready, and say where it is."""
    path = overlay_path(arguments.overlay)
    await _build()
    with err.status("") as spinner:

        def tell(line: str) -> None:
            spinner.update(line)
            if not err.is_terminal:
                err.print(line)

        local = await Local.rendered(path, tell)
        await local.up()
        found = await local.status()
    _print(found)
    return 0


async def down(arguments: argparse.Namespace) -> int:
    """Stop gracefully and remove."""
    local = await Local.rendered(overlay_path(arguments.overlay), err.print)
    existed = await local.down(volumes=arguments.volumes)
    data = "the data is removed" if arguments.volumes else "the data is kept (VOLUMES=1 removes it)"
    err.print(f"{'stopped' if existed else 'nothing was running'}; {data}")
    return 0


async def status(arguments: argparse.Namespace) -> int:
    """Print the state; fail unless everything is ready."""
    found = await (await Local.rendered(overlay_path(arguments.overlay), err.print)).status()
    _print(found)
    return 0 if all(each.ready == "yes" for each in found) else FAILED


async def logs(arguments: argparse.Namespace) -> int:
    """Follow the logs until interrupted."""
    local = await Local.rendered(overlay_path(arguments.overlay), err.print)
    follow_logs(local.pod_names[0])


async def render(arguments: argparse.Namespace) -> int:
    """Print the manifests."""
    sys.stdout.write(await render_text(overlay_path(arguments.overlay)))
    return 0


async def trial(arguments: argparse.Namespace) -> int:
    """Try an overlay, or any Kustomize directory or YAML file: what holds, what is broken, with evidence."""
    try:
        if arguments.runtime == "podman":
            enter_namespace()
        if arguments.report:
            report.prepare(arguments.report)
        with err.status("calibrating") as spinner:

            def tell(progress: Progress) -> None:
                spinner.update(str(progress))
                if not err.is_terminal:
                    err.print(str(progress))

            found = await engine.trial(
                overlay_path(arguments.overlay),
                images=dict(map(engine.image, arguments.image)),
                runtime=arguments.runtime,
                context=arguments.context,
                say=lambda line: err.print(visible(line), markup=False),
                tell=tell,
            )
    except HarnessError as error:
        _complain(" ".join(str(error).split()))
        return COULD_NOT_RUN
    _print_findings(found)
    code = FAILED if found.broken else COULD_NOT_RUN if found.not_run else 0
    if arguments.report:
        try:
            report.write(found, arguments.report)
        except HarnessError as error:
            _complain(str(error))
            return code or COULD_NOT_RUN
    return code


VERBS: Sequence[Callable[[argparse.Namespace], Awaitable[int]]] = (up, down, status, logs, render, build, trial)


def main() -> int:
    """Run one verb and return the exit code; what a user can mend is one message."""
    parser = argparse.ArgumentParser(prog="python -m seatrial", description="Deploy an overlay on this machine.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb in VERBS:
        each = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        each.set_defaults(verb=verb)
        if verb is not build:
            each.add_argument("overlay", nargs="?", default="podman", help="a name in kustomize/overlays, or a path")
        if verb is down:
            each.add_argument("--volumes", action="store_true", help="remove the data, too")
        if verb is trial:
            each.add_argument("--image", action="append", default=[], metavar="NAME=REF", help="use REF")
            each.add_argument("--runtime", default="podman", choices=("podman", "cluster"), help="where it is played")
            each.add_argument("--context", metavar="NAME", help="with --runtime cluster: the kubeconfig's context")
            each.add_argument("--report", type=Path, metavar="DIR", help="write the report into this directory")
    arguments = parser.parse_args()
    try:
        code: int = interrupt.run(arguments.verb(arguments), lambda: err.print("interrupted; still removing"))
    except HarnessError as error:
        _complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        stays = "`make status` tells what there is, `make down` removes it"
        err.print(f"interrupted; {'nothing is left' if arguments.verb is trial else stays}")
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - Python would exit with 1, as if something had been found broken
        _complain(traceback.format_exc())
        return COULD_NOT_RUN
    return code


def _complain(text: str) -> None:
    err.print(visible(text), markup=False, style="red")


def _print_findings(found: Trial) -> None:
    table = Table("claim", "verdict", "evidence", box=None, pad_edge=False)
    for each in found.findings:
        verdict = f"{each.verdict} (exempt)" if each.exempt else str(each.verdict)
        table.add_row(each.claim.id, verdict, Text(visible("\n".join(each.evidence))))
    out.print(table)
    counts = Counter("exempt" if each.exempt else str(each.verdict) for each in found.findings)
    out.print(f"{', '.join(f'{n} {what}' for what, n in counts.most_common())}; {found.seconds:.0f} s")


async def _build() -> None:
    with err.status("looking for base images"):
        for base in (bases := await images.base_images(tell=err.print)):
            err.print(str(base))
    with err.status("building the image"):
        await images.build(bases)


def _print(found: Sequence[ContainerStatus]) -> None:
    table = Table("pod", "container", "image", "state", "ready", "url", box=None, pad_edge=False)
    for each in found:
        table.add_row(each.pod, each.container, each.image, each.state, each.ready, " ".join(each.urls))
    out.print(table)
