"""The order of things: look, say what is there, install what is not, and see that podman works."""

import argparse
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from bootstrap import checkout, containers_conf, lock, uv
from bootstrap.apt import offers, read_sources
from bootstrap.errors import BootstrapError
from bootstrap.host import Host, examine
from bootstrap.packages import EXTRAS, borrows, missing, plan
from bootstrap.process import probe, run, say
from bootstrap.version import show

CHECKOUT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Do what the command line asks and return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m bootstrap", description="Make this machine ready for seatrial.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 and say what is missing, if anything"
    )
    parser.add_argument("extra", nargs="?", choices=EXTRAS, help="install this instead, which only some machines need")
    arguments = parser.parse_args()
    os.environ["PATH"] = f"{CHECKOUT / uv.DIRECTORY / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    if os.environ.get(containers_conf.VARIABLE) == str(CHECKOUT / containers_conf.PATH):
        del os.environ[containers_conf.VARIABLE]  # podman fails, even at --version, while that file is not there
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what is half done is removed
    try:
        checkout.inspect(CHECKOUT)
        with nullcontext() if arguments.check else lock.alone(CHECKOUT):
            if arguments.extra:
                bring_extra(arguments.extra, check=arguments.check)
            else:
                make_ready(check=arguments.check)
    except BootstrapError as error:
        say(f"bootstrap: {error}")
        return 1
    except OSError as error:
        say(f"bootstrap: {checkout.explain(error, CHECKOUT)}")
        return 1
    return 0


def make_ready(*, check: bool) -> None:
    """Bring all that every machine needs, or only tell what is missing."""
    host = examine_for_project()
    lacks = missing(host)
    say_found(host, lacks)
    for why in lacks.values():
        say(f"missing {why}")
    if lacks:
        refuse_when(check=check)
        bring(host, lacks)
        host = examine_for_project()
        still = missing(host)
        if still:
            raise BootstrapError(f"installed, and still missing {'; '.join(still.values())}")
        say_found(host, still)
    bring_uv(host, check=check)
    write_containers_conf(host, check=check)
    see_podman_work()


def examine_for_project() -> Host:
    """Read this machine's facts; a uv that is older than the project takes counts as none."""
    host = examine()
    return host if host.uv is None or host.uv >= uv.required(CHECKOUT) else replace(host, uv=None)


def say_found(host: Host, lacks: Collection[str]) -> None:
    """Tell what the machine has."""
    say(f"found Python {show(sys.version_info[:3])}")
    if host.uv:
        say(f"found uv {show(host.uv)}")
    if host.podman and "podman" not in lacks:
        say(f"found podman {show(host.podman)}")
    if host.renderer:
        say(f"found {host.renderer}")


def refuse_when(*, check: bool) -> None:
    """Raise when only a check was asked for."""
    if check:
        raise BootstrapError("not ready: `make bootstrap` installs what is missing, or says how")


def bring_extra(program: str, *, check: bool) -> None:
    """Bring one program that only some machines need."""
    if shutil.which(program):
        say(f"found {program}")
        return
    say(f"missing {program}")
    refuse_when(check=check)
    bring(examine(), {program})


def bring(host: Host, lacks: Collection[str]) -> None:
    """Install system packages as root; as a normal user raise with the commands to run."""
    known = offers("podman", "kustomize")
    if not known and host.root and host.package_manager == "apt-get" and not borrows(host):
        say("reading the package lists (as root, by apt-get)")
        run(("apt-get", "update"))
        known = offers("podman", "kustomize")
    todo = plan(host, lacks, sources=read_sources(), offers=known)
    if not host.root:
        raise BootstrapError(
            f"nothing was installed, that needs root. Run this, then try again:\n\n{todo.as_shell()}\n"
        )
    say("to be done now, as root, outside the checkout (it takes a minute):")
    for path in todo.files:
        say(f"  write {path}")
    for command in todo.commands:
        say(f"  run {shlex.join(command)}")
    for path, content in todo.files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(content)
    for command in todo.commands:
        run(command)


def bring_uv(host: Host, *, check: bool) -> None:
    """Install uv into the checkout when the machine has none that is new enough."""
    if host.uv:
        return
    version = uv.pinned(CHECKOUT)
    if check:
        say(f"missing uv >= {show(uv.required(CHECKOUT))}")
        refuse_when(check=check)
    say(f"installing uv {version} into {uv.DIRECTORY} (by pip)")
    uv.install(CHECKOUT, version)


def write_containers_conf(host: Host, *, check: bool) -> None:
    """Write the checkout's containers.conf unless it is there as it should be."""
    path = CHECKOUT / containers_conf.PATH
    content = containers_conf.render(host)
    if path.is_file() and path.read_text() == content:
        return
    if check:
        say(f"missing {containers_conf.PATH}, or it is not this machine's")
        refuse_when(check=check)
    say(f"writing {containers_conf.PATH}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def see_podman_work() -> None:
    """Raise, with podman's own words, when it is installed but does not work on this machine."""
    os.environ.setdefault(containers_conf.VARIABLE, str(CHECKOUT / containers_conf.PATH))
    done = probe("podman", "info")
    if done.returncode != 0:
        words = "\n  ".join(done.stderr.strip().splitlines()[-4:])
        raise BootstrapError(f"podman is installed but does not work here; `podman info` says:\n  {words}")
