"""`seatrial trial`: play a deployment and try what it promises."""

import sys
from pathlib import Path

import click

from seatrial.cli.verb import BROKEN, COULD_NOT_RUN, Verb
from seatrial.errors import HarnessError
from seatrial.terminal.console import complain, err
from seatrial.text import visible


@click.command(cls=Verb)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--runtime", type=click.Choice(("podman", "cluster")), default="podman", help="Where it is played.")
@click.option("--context", metavar="NAME", help="With --runtime cluster: the kubeconfig's context.")
@click.option("--image", "images", multiple=True, metavar="NAME=REF", help="Use REF in place of the image NAME.")
@click.option("--subject", metavar="NAME", help="The workload that is tried, where that is not clear.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Ask this claim, or those of this scenario, alone.")
@click.option("--skip", multiple=True, metavar="PATTERN", help="Do not ask this claim, or those of this scenario.")
@click.option("--format", "formats", multiple=True, metavar="FORMAT[=FILE]", help="As `check`; may be repeated.")
@click.option("--report", type=click.Path(path_type=Path), metavar="DIR", help="Write the report into this directory.")
@click.option("--keep", is_flag=True, help="Leave up what a scenario deployed in which something is broken.")
@click.option("-v", "--verbose", is_flag=True, help="Show also what held, what was not applicable, and every place.")
async def trial(
    *,
    path: Path,
    runtime: str,
    context: str | None,
    images: tuple[str, ...],
    subject: str | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    formats: tuple[str, ...],
    report: Path | None,
    keep: bool,
    verbose: bool,
) -> int:
    """Play it with podman, or on a cluster, and try what it promises.

    PATH is a Kustomize directory or a YAML file. A PATTERN may have `*`: `--only 'sigterm.*'`; several may be given.

    0 says that everything asked was seen to hold, 1 that something is broken, 2 that something could not be told, or
    nothing be played.
    """
    from seatrial.check import formats as written
    from seatrial.podman.client import enter_namespace
    from seatrial.terminal import progress, verdict
    from seatrial.trial import report as reports
    from seatrial.trial import trying
    from seatrial.trial.selection import Selection

    outputs = [written.output(given) for given in formats]
    if runtime == "podman":
        enter_namespace()
    if report:
        reports.prepare(report)
    async with progress.shown() as tell:
        found = await trying.trial(
            path,
            images=dict(map(trying.image, images)),
            runtime=runtime,
            context=context,
            selection=Selection(only, skip),
            subject=subject,
            keep=keep,
            say=lambda line: err.print(visible(line), markup=False),
            tell=tell,
        )
    if not any(output.path is None for output in outputs):
        verdict.show(found, verbose=verbose)
    written.write(found, outputs, sys.stdout)
    for kept in found.kept:
        err.print(visible(f"kept as {kept.scenario} left it: pods {', '.join(kept.pods)}; to remove it:"), markup=False)
        err.print(visible(f"  {kept.removal}"), markup=False)
    if found.unplayed:
        complain(found.unplayed)
    code = COULD_NOT_RUN if found.unplayed else BROKEN if found.broken else COULD_NOT_RUN if found.not_run else 0
    if report:
        try:
            reports.write(found, report)
        except HarnessError as error:
            complain(str(error))
            return code or COULD_NOT_RUN
    return code
