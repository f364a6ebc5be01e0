"""The order of things: look, say what is there, bring what is not, and see that podman works."""

import argparse
import contextlib
import os
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bootstrap import checkout, containers_conf, lock, ready, rootless, tools, uv
from bootstrap.bring import Bringer
from bootstrap.errors import BootstrapError
from bootstrap.host import Host, examine
from bootstrap.loans import LOANS
from bootstrap.packages import EXTRAS, borrows_podman, missing
from bootstrap.process import probe, say
from bootstrap.tools import BIN, CHECKOUT, TOOLS
from bootstrap.version import parse, show

NOT_READY = "not ready, and nothing was changed: `make bootstrap` does what is said above"


def main() -> int:
    """Do what the command line asks and return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m bootstrap", description="Make this machine ready for seatrial.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; say what would be done, and exit 1 if anything would"
    )
    parser.add_argument("extra", nargs="?", choices=EXTRAS, help="bring this instead, which only some machines need")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what is half done is removed
    try:
        checkout.inspect(CHECKOUT)
        find_programs()
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
    except KeyboardInterrupt:
        say("bootstrap: interrupted; nothing is left by half, and the next call goes on")
        return 130
    return 0


def find_programs() -> None:
    """Put the checkout's programs before the system's."""
    own = os.pathsep.join((str(BIN), str(CHECKOUT / uv.DIRECTORY / "bin")))
    os.environ["PATH"] = f"{own}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def make_ready(*, check: bool) -> None:
    """Bring all that every machine needs, or only tell what is missing."""
    kept = ready.load(TOOLS)
    if kept and kept.get("state") == now():
        tell(kept["programs"])
        return
    if check:
        tell_what_would_be_brought(survey())
        return
    with lock.alone(CHECKOUT):
        host = bring_what_is_missing(survey())
        bring_uv(host)
        settle(host)
        see_podman_work(host)
        keep(host)


def tell_what_would_be_brought(host: Host) -> None:
    """Tell all that `bring_what_is_missing` would do, and raise if that is anything."""
    lacks = missing(host)
    for why in lacks.values():
        say(f"missing {why}")
    ask_root(host)
    with working_directory(check=True) as directory:
        bringer = Bringer(host, directory, check=True)
        for need in lacks:
            if need != "runc" or "podman" not in lacks:
                bringer.bring(need)
    if host.uv is None:
        say(f"to be put into {uv.DIRECTORY} by pip: uv {uv.pinned(CHECKOUT)}")
    if lacks or host.uv is None:
        raise BootstrapError(NOT_READY)
    see_podman_work(host)


def now() -> dict[str, object]:
    """Return the state that a result holds for."""
    return ready.state(CHECKOUT, [path for name in LOANS for path in tools.tree(name).files()])


def survey() -> Host:
    """Read this machine's facts and tell them; a uv that is older than the project takes counts as none."""
    path = os.environ["PATH"]
    os.environ["PATH"] = path.replace(f"{BIN}{os.pathsep}", "")
    # podman fails, even at --version, while the file that this names is not there.
    conf = os.environ.pop(containers_conf.VARIABLE, None)
    try:
        host = examine(tools.loans())
    finally:
        os.environ["PATH"] = path
        if conf is not None:
            os.environ[containers_conf.VARIABLE] = conf
    return host if host.uv is None or host.uv >= uv.required(CHECKOUT) else replace(host, uv=None)


def ask_root(host: Host) -> None:
    """Raise with what only root can do for a normal user's containers, at once and in two lines at the most."""
    if host.root:
        return
    commands = rootless.asks(rootless.examine(), host.package_manager)
    if commands:
        lines = "\n".join(f"  {command}" for command in commands)
        raise BootstrapError(f"a normal user's containers need this of root, once; then try again:\n{lines}")


def bring_what_is_missing(host: Host) -> Host:
    """Bring what the machine lacks, and return how it is then."""
    ask_root(host)
    with working_directory(check=False) as directory:
        bringer = Bringer(host, directory, check=False)
        while lacks := missing(host):
            need, why = next(iter(lacks.items()))
            say(f"missing {why}")
            bringer.bring(need)
            host = survey()
            if need in missing(host):
                raise BootstrapError(f"brought, and still missing {missing(host)[need]}")
    return host


def bring_extra(program: str, *, check: bool) -> None:
    """Bring one program that only some machines need."""
    found = shutil.which(program)
    if found and (program in tools.loans() or not Path(found).is_relative_to(BIN)):
        say(f"found {program} ({found})")
        return
    say(f"missing {program}")
    with lock.alone(CHECKOUT) if not check else contextlib.nullcontext(), working_directory(check=check) as directory:
        Bringer(examine(), directory, check=check).bring(program)
        if check:
            raise BootstrapError(NOT_READY)
        if program in tools.loans():
            tools.expose(program)


@contextlib.contextmanager
def working_directory(*, check: bool) -> Iterator[Path]:
    """Give the directory where lists and packages are fetched: one that goes, when nothing may change."""
    if not check:
        yield TOOLS / "apt"
        return
    with tempfile.TemporaryDirectory(prefix="seatrial-check-") as directory:
        yield Path(directory)


def bring_uv(host: Host) -> None:
    """Install uv into the checkout when the machine has none that is new enough."""
    if host.uv:
        return
    version = uv.pinned(CHECKOUT)
    pip = None
    if not host.pip:
        with working_directory(check=False) as directory:
            if "pip" not in host.loans:
                Bringer(host, directory, check=False).bring("pip")
        if tools.tree("pip").intact():
            pip = tools.tree("pip").root / "usr/lib/python3/dist-packages"
    say(f"installing uv {version} into {uv.DIRECTORY} (by pip)")
    uv.install(CHECKOUT, version, pip)


def settle(host: Host) -> None:
    """Let the right programs be found, and write what podman has to be told on this machine."""
    borrowed = borrows_podman(host)
    for name, loaned in (("podman", borrowed), ("kustomize", host.renderer is None)):
        if loaned:
            tools.expose(name)
        else:
            tools.hide(name)
    path = CHECKOUT / containers_conf.PATH
    if tools.write(path, containers_conf.render(host, TOOLS / "podman" if borrowed else None)):
        say(f"wrote {containers_conf.PATH}")
    if borrowed:
        write_policy()


def write_policy() -> None:
    """Write podman's policy of image signatures where there is none: without one, it takes no image at all."""
    own = Path.home() / ".config/containers/policy.json"
    if own.exists() or Path("/etc/containers/policy.json").exists():
        return
    given = TOOLS / "podman/etc/containers/policy.json"
    try:
        tools.write(own, given.read_text(encoding="utf-8"))
    except OSError as error:
        command = f"sudo install -D --mode 644 {shlex.quote(str(given))} /etc/containers/policy.json"
        raise BootstrapError(f"{own}: {error.strerror}; podman needs it, or this of root: `{command}`") from error
    say(f"wrote {own}: Debian's policy, which takes images as they come; podman takes none without one")


def see_podman_work(host: Host) -> None:
    """Raise, with podman's own words, when it is installed but does not work on this machine."""
    if (CHECKOUT / containers_conf.PATH).is_file():
        os.environ.setdefault(containers_conf.VARIABLE, str(CHECKOUT / containers_conf.PATH))
    done = probe("podman", "info")
    if done.returncode == 0:
        return
    if not host.root and (command := rootless.allow(rootless.examine(), TOOLS / "podman")):
        raise BootstrapError(
            f"users may not make namespaces here, which containers need; root allows it by:\n  {command}"
        )
    words = "\n  ".join(done.stderr.strip().splitlines()[-4:])
    raise BootstrapError(f"podman is installed but does not work here; `podman info` says:\n  {words}")


def keep(host: Host) -> None:
    """Keep the result for the next call, and tell it."""
    programs = {}
    for name in ("podman", "uv", host.renderer or "kustomize"):
        path = shutil.which(name) or ""
        # kubectl and kustomize tell their versions each in a way of its own, and any will do.
        version = "" if name in {"kubectl", "kustomize"} else show(parse(probe(path, "--version").stdout) or ())
        origin = "checkout" if Path(path).is_relative_to(TOOLS) else "system"
        programs[name] = {"path": path, "version": version, "origin": origin}
    ready.keep(TOOLS, now(), programs)
    tell(programs)


def tell(programs: Mapping[str, Mapping[str, str]]) -> None:
    """Tell which programs are in use."""
    say(", ".join(" ".join(filter(None, (name, p["version"], f"({p['path']})"))) for name, p in programs.items()))
