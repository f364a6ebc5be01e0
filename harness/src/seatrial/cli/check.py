"""`seatrial check`: every claim that YAML alone tells, without podman and without a cluster."""

import sys
from pathlib import Path

import click

from seatrial.cli.verb import Verb


@click.command(cls=Verb)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...|-")
@click.option(
    "--for",
    "runtime",
    type=click.Choice(("cluster", "podman")),
    help="What it is written for; by default podman where ports of the host are published, else a cluster.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT[=FILE]",
    help="text, json, junit, sarif, github or markdown; several may be given, each with a file of its own.",
)
@click.option(
    "--severity",
    type=click.Choice(("warning", "error")),
    default="warning",
    show_default=True,
    help="From which severity on what is broken fails.",
)
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Accept what is broken in FILE.")
@click.option("--write-baseline", type=click.Path(path_type=Path), metavar="FILE", help="Write what is broken today.")
@click.option("-v", "--verbose", is_flag=True, help="Show also what held, what was not applicable, and every place.")
async def check(
    *,
    paths: tuple[str, ...],
    runtime: str | None,
    formats: tuple[str, ...],
    severity: str,
    baseline: Path | None,
    write_baseline: Path | None,
    verbose: bool,
) -> int:
    """Judge manifests by what the YAML alone tells.

    PATH is a Kustomize directory, a YAML file, a directory of them, or `-` for standard input.

    0 says that nothing is broken, 1 that something is, 2 that this could not be told of all.
    """
    from dataclasses import replace

    from seatrial.check import baseline as baselines
    from seatrial.check import checking
    from seatrial.check import formats as written
    from seatrial.terminal import verdict
    from seatrial.terminal.console import tell

    outputs = [written.output(each) for each in formats]
    accepted = baselines.read(baseline) if baseline else None
    found = await checking.check(paths, runtime, sys.stdin.buffer)  # type: ignore[arg-type]  # click has checked it
    if accepted:
        found = replace(found, findings=baselines.accept(found.findings, accepted))
    if not outputs:
        verdict.show(found, verbose=verbose)
    written.write(found, outputs, sys.stdout)
    if write_baseline:
        places = baselines.write(found.findings, write_baseline)
        tell(f"{write_baseline}: {places} places are accepted from now on")
        return checking.UNTOLD if found.not_run else 0
    return checking.exit_code(found, severity)
