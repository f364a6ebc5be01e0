"""The command as it is typed: what it says of itself, what it makes of mistakes, and what it imports for it."""

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

from seatrial import cli
from seatrial.cli import VERBS

SEATRIAL = (sys.executable, "-m", "seatrial")
LIMIT_SECONDS = 60.0
HEAVY = ("kr8s", "httpx", "seatrial.podman", "seatrial.cluster", "seatrial.trial")


def ran(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Return what the command left."""
    return subprocess.run(
        (*SEATRIAL, *arguments),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **env},
        timeout=LIMIT_SECONDS,
        check=False,
    )


def test_alone_it_prints_what_it_can_do_in_ten_lines() -> None:
    """On stdout, as a success."""
    found = ran()
    assert found.returncode == 0
    assert len(found.stdout.splitlines()) <= 10
    assert "trial" in found.stdout
    assert not found.stderr


def test_version_is_the_packages() -> None:
    """In one line."""
    assert ran("--version").stdout == f"seatrial {version('seatrial')}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_help(verb: str) -> None:
    """It is found by its name, and says what it does."""
    found = ran(verb, "--help")
    assert found.returncode == 0
    assert found.stdout.startswith(f"Usage: seatrial {verb}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trail"], "there is no verb 'trail'; did you mean trial?"),
        (["xyzzy"], "there is no verb 'xyzzy'; there are "),
        (["trial", "--imag", "a=b"], "seatrial trial: No such option '--imag'. Did you mean '--image'?"),
        (["trial", "--runtime", "docker"], "'docker' is not one of 'podman', 'cluster'"),
        (["status", "one", "two"], "seatrial status: Got unexpected extra argument (two)"),
    ],
)
def test_mistake_in_typing_is_one_line_that_says_what_to_type(arguments: list[str], said: str) -> None:
    """Exit code 2: nothing was judged."""
    found = ran(*arguments)
    assert found.returncode == 2
    assert said in found.stderr
    assert "--help` tells what may be given" in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert not found.stdout


def test_reader_who_leaves_changes_neither_the_exit_code_nor_is_told() -> None:
    """`seatrial --help | head -1`: Python would end with 120, and a complaint."""
    command = f"{sys.executable} -m seatrial --help | true; echo ${{PIPESTATUS[0]}}"
    found = subprocess.run(
        ("/bin/bash", "-c", command), capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    assert (found.stdout, found.stderr) == ("0\n", "")


def test_terminal_without_utf_8_gets_escapes() -> None:
    """A name that it cannot show ends nothing."""
    found = ran("trial", "nöwhere", PYTHONIOENCODING="ascii")
    assert found.returncode == 2
    assert r"n\xf6where" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("arguments", [(), ("--help",), ("--version",), ("trial", "--help"), ("server", "--help")])
def test_what_only_tells_imports_neither_podman_nor_cluster(arguments: tuple[str, ...]) -> None:
    """So it starts at once."""
    program = (
        f"import sys; from seatrial.cli import main; main({list(arguments)}); print(*sys.modules, file=sys.stderr)"
    )
    found = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, text=True, timeout=LIMIT_SECONDS, check=True
    )
    imported = set(found.stderr.split())
    assert "click" in imported
    assert not imported & set(HEAVY)


def test_shell_completes_verbs() -> None:
    """As click has it for bash, zsh and fish."""
    found = ran(_SEATRIAL_COMPLETE="bash_complete", COMP_WORDS="seatrial tri", COMP_CWORD="1")
    assert found.stdout == "plain,trial\n"


def test_keyboard_interrupt_before_a_verb_runs_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While it imports, say."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.seatrial, "invoke", interrupted)
    assert cli.main(["render"]) == 130
    assert capsys.readouterr().err == "interrupted\n"
