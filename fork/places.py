"""Which places of the checkout have the service's name: the tool has the same one, and keeps it."""

import re
from collections.abc import Iterable

from fork.names import OLD, Name

SERVER = tuple(f"harness/src/seatrial/server/{name}.py" for name in ("database_file", "layout", "postgres"))
"""Modules of the tool that say which application it installs, and where that keeps its data."""
SERVICE = (
    "Containerfile",
    "README.md",
    ".env.example",
    ".github/workflows/",
    "app/",
    "docs/cluster-tests.md",
    "docs/database.md",
    "docs/extending.md",
    "docs/kubernetes.md",
    "docs/operations.md",
    "docs/overload.md",
    "docs/server.md",
    "docs/streaming.md",
    *SERVER,
    "harness/tests/server/",
    "images/service.py",
    "k8s/",
    "kustomize/",
    "quadlet/",
    "tests/",
)
"""Files and folders in which the name may be the service's."""
TOOL = tuple(
    f"tests/{name}/" for name in ("bootstrap", "controls", "fork", "trial", "unit/bench", "unit/bootstrap", "unit/fork")
)
"""Folders below those that are about the tool alone."""

VERBS = (
    "backup|check|compare|doctor|down|explain|install|logs|maintenance|render|repair|restore|rollback|rollout|secret|"
    "server|status|trial|uninstall|up"
)
# Ours comes first, then the tool's; what is left is ours.
OURS = re.compile(r'(?:-n|namespace|logs|status) seatrial\b(?!`)|^APPLICATION = "seatrial"', re.MULTILINE)
KEPT = re.compile(
    r"""
    \b(?:from|import)\ seatrial\b                # its modules
    | \bseatrial\.(?!(?:db|dump|example|json|kube|network|service|sql|tar|yaml)\b)
    | src/seatrial\b | "src"\ /\ "seatrial" | seatrial\.pth
    | -m[", ]+seatrial\b                         # its command
    | \bseatrial\ (?:"""
    + VERBS
    + r""")\b
    | (?:\.|def\ )seatrial\( | bin/seatrial\b | command\ `seatrial` | package\ `seatrial` | ^"+`seatrial`
    | (?<!-)--seatrial                           # its options
    | seatrial-(?:bench|check|client|controls|RUN|standin|test)\b | urn:seatrial | kind-seatrial\b | CLUSTER:\ seatrial
    """,
    re.VERBOSE | re.MULTILINE,
)
# A database and its role are named without quotes, so without hyphens.
DATABASE = re.compile(
    r"""
    //seatrial(?=@) | @[\w.:]+/seatrial\b | (?:--username|--dbname|dbname)=seatrial\b | \bseatrial\ =\ host=
    | "seatrial"\ "&" | ROLE\ seatrial\b | role\ TO\ seatrial\b | -U\ seatrial\b(?:\ seatrial\b)? | value:\ seatrial$
    | owner\ called\ `seatrial` | USER,\ PORT\ =\ "seatrial" | (?:connect|url)\("seatrial"\)
    """,
    re.VERBOSE | re.MULTILINE,
)


def may_have(path: str) -> bool:
    """Tell whether a file of the checkout may have the service's name."""
    return path.startswith(SERVICE) and not path.startswith(TOOL)


def renamed(text: str, name: Name) -> tuple[str, int]:
    """Return the text of such a file with the service's new name, and in how many places it stands."""
    ours, kept, databases = _spans(OURS, text), _spans(KEPT, text), _spans(DATABASE, text)
    places = 0

    def new(match: re.Match[str]) -> str:
        nonlocal places
        at, after = match.start(), text[match.end() : match.end() + 1]
        if at in kept and at not in ours:
            return match[0]
        places += 1
        if match[0].istitle():
            return name.pascal if after.isupper() else name.title
        if at in databases or after == "_":
            return name.snake
        return name.pascal.lower() if after.islower() else name.text

    return re.sub(f"{OLD}|{OLD.title()}", new, text), places


def only_the_application(text: str, name: Name) -> tuple[str, int]:
    """Return a module of the tool's server with only the lines changed that say which application it installs."""
    places = 0
    for line, new in (
        ('^APPLICATION = "{}"$', name.text),
        ('^ROLE = DATABASE = "{}"$', name.snake),
        ('^DATABASE = DATA / "{}[.]db"$', name.text),
        ('"/var/lib/{}"', name.text),
    ):
        found = re.compile(line.format(OLD), re.MULTILINE)
        text, count = found.subn(lambda match, new=new: match[0].replace(OLD, new), text)  # type: ignore[misc]
        places += count
    return text, places


def moved(path: str, name: Name) -> str:
    """Return where a file of the service is afterwards: `quadlet/seatrial-blue.kube` is named after it."""
    folder, slash, last = path.rpartition("/")
    return f"{folder}{slash}{last.replace(OLD, name.text)}"


def _spans(pattern: re.Pattern[str], text: str) -> frozenset[int]:
    """Return every position in a match of the pattern."""
    return frozenset(_positions(pattern.finditer(text)))


def _positions(matches: Iterable[re.Match[str]]) -> Iterable[int]:
    for match in matches:
        yield from range(*match.span())
