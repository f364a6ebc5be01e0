"""`seatrial trial`: play a deployment and try what it promises."""

from pathlib import Path

import click

from seatrial.cli.verb import BROKEN, COULD_NOT_RUN, Verb
from seatrial.errors import HarnessError
from seatrial.terminal.console import complain, err
from seatrial.text import visible


@click.command(cls=Verb)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--image", "images", multiple=True, metavar="NAME=REF", help="Use REF in place of the image NAME.")
@click.option("--runtime", type=click.Choice(("podman", "cluster")), default="podman", help="Where it is played.")
@click.option("--context", metavar="NAME", help="With --runtime cluster: the kubeconfig's context.")
@click.option("--report", type=click.Path(path_type=Path), metavar="DIR", help="Write the report into this directory.")
async def trial(path: Path, images: tuple[str, ...], runtime: str, context: str | None, report: Path | None) -> int:
    """Play it with podman, or on a cluster, and try what it promises."""
    from seatrial.podman.client import enter_namespace
    from seatrial.terminal import verdict
    from seatrial.trial import engine
    from seatrial.trial import report as reports

    if runtime == "podman":
        enter_namespace()
    if report:
        reports.prepare(report)
    with err.status("calibrating") as spinner:

        def tell(progress: engine.Progress) -> None:
            spinner.update(str(progress))
            if not err.is_terminal:
                err.print(str(progress))

        found = await engine.trial(
            path,
            images=dict(map(engine.image, images)),
            runtime=runtime,
            context=context,
            say=lambda line: err.print(visible(line), markup=False),
            tell=tell,
        )
    verdict.show(found)
    code = BROKEN if found.broken else COULD_NOT_RUN if found.not_run else 0
    if report:
        try:
            reports.write(found, report)
        except HarnessError as error:
            complain(str(error))
            return code or COULD_NOT_RUN
    return code
