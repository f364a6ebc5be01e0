"""What the bootstrap keeps in the checkout's `.tools`: trees of programs, and by which names they are found."""

import contextlib
import shlex
from pathlib import Path

from bootstrap.loans import LOANS
from bootstrap.tree import Tree

CHECKOUT = Path(__file__).resolve().parent.parent
TOOLS = CHECKOUT / ".tools"
BIN = TOOLS / "bin"
"""The programs out of trees, as they are run; before the system's in PATH."""

WRAPPER = """\
#!/bin/sh
# Written by the bootstrap: {name} of {root}, with the programs that it runs.
tools={tools}
PATH="$tools/{name}/usr/bin:$tools/{name}/usr/sbin:$PATH"
CONTAINERS_CONF_OVERRIDE="${{CONTAINERS_CONF_OVERRIDE:-$tools/containers.conf}}"
LC_ALL=C.UTF-8  # conmon takes no path beyond ASCII otherwise
export PATH CONTAINERS_CONF_OVERRIDE LC_ALL
exec "$tools/{name}/usr/bin/{name}" "$@"
"""
BESIDE = {"podman": {"nft": "usr/sbin/nft"}}
"""What is run by its own name besides, of a tree's programs: whoever plays Services with podman maps ports by nft."""


def tree(name: str) -> Tree:
    """Return the tree of one program."""
    return Tree(TOOLS, LOANS[name])


def loans() -> frozenset[str]:
    """Return the programs that are in trees here, whole."""
    return frozenset(name for name in LOANS if tree(name).intact())


def expose(name: str) -> None:
    """Let a program of a tree be found by its name."""
    write(BIN / name, WRAPPER.format(name=name, root=TOOLS / name, tools=shlex.quote(str(TOOLS))), mode=0o755)
    for program, path in BESIDE.get(name, {}).items():
        (BIN / program).unlink(missing_ok=True)
        (BIN / program).symlink_to(Path("..") / name / path)


def hide(name: str) -> None:
    """Let the system's program be found by this name."""
    for program in (name, *BESIDE.get(name, ())):
        (BIN / program).unlink(missing_ok=True)


def write(path: Path, content: str, mode: int = 0o644) -> bool:
    """Write a file unless it is there as it should be; return whether it was not."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path.read_text(encoding="utf-8") == content:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(content, encoding="utf-8")
    part.chmod(mode)
    part.replace(path)
    return True
