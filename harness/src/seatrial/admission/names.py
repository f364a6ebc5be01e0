"""How things may be called: the formats of names, keys and labels (apimachinery's `validation.go`)."""

import re
from collections.abc import Iterator

from seatrial.admission.refusal import Fields, Path, Refusal, Refusals

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
HOST = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
PORT = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DATA_KEY = re.compile(r"[-._a-zA-Z0-9]+")
VARIABLE = re.compile(r"[ -<>-~]+")
SYSCTL = re.compile(r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?")
HEADER = re.compile(r"[-A-Za-z0-9]+")
LABEL_LETTERS, SUBDOMAIN_LETTERS, PORT_LETTERS = 63, 253, 15
ANNOTATION_BYTES = 256 * 1024


def _length(text: str, most: int) -> str | None:
    return f"{text[:20]}… has {len(text)} letters; allowed: {most}" if len(text) > most else None


def label(text: str) -> str | None:
    """Say what keeps a text from being a label of a domain (RFC 1123), as containers and volumes are called."""
    if not LABEL.fullmatch(text):
        return f"given {text!r}; allowed: small letters, digits and `-`, which neither begins nor ends it"
    return _length(text, LABEL_LETTERS)


def host(text: str) -> str | None:
    """Say what keeps a text from being a label of a domain by the older rule (RFC 1035), as Services are called."""
    if not HOST.fullmatch(text):
        return f"given {text!r}; allowed: small letters, digits and `-`, a letter first, and no `-` last"
    return _length(text, LABEL_LETTERS)


def subdomain(text: str) -> str | None:
    """Say what keeps a text from being a name of a domain (RFC 1123), as most objects are called."""
    if not SUBDOMAIN.fullmatch(text):
        return (
            f"given {text!r}; allowed: small letters, digits, `-` and `.`, and letters or digits at the ends of parts"
        )
    return _length(text, SUBDOMAIN_LETTERS)


def wildcard(text: str) -> str | None:
    """Say what keeps a text from being `*.` and a name of a domain."""
    return subdomain(text.removeprefix("*."))


def segment(text: str) -> str | None:
    """Say what keeps a text from being a part of an address's path, as roles are called."""
    if text in (".", "..") or "/" in text or "%" in text:
        return f"given {text!r}; not allowed: `.`, `..`, and what has `/` or `%` in it"
    return None


def qualified(text: str) -> str | None:
    """Say what keeps a text from being the key of a label: a name, or a domain, `/` and a name."""
    prefix, slash, name = text.rpartition("/")
    if slash and (wrong := subdomain(prefix)):
        return f"the part before `/`: {wrong}"
    if not QUALIFIED.fullmatch(name):
        return f"given {text!r}; allowed: letters, digits, `-`, `_` and `.`, and letters or digits at its ends"
    return _length(name, LABEL_LETTERS)


def label_value(text: str) -> str | None:
    """Say what keeps a text from being the value of a label."""
    if text and not QUALIFIED.fullmatch(text):
        return f"given {text!r}; allowed: letters, digits, `-`, `_` and `.`, and letters or digits at its ends"
    return _length(text, LABEL_LETTERS)


def port(text: str) -> str | None:
    """Say what keeps a text from being the name of a port (RFC 6335)."""
    if not PORT.fullmatch(text) or "--" in text or not re.search("[a-z]", text):
        return f"given {text!r}; allowed: small letters, a letter at least, digits, and single `-` between them"
    return _length(text, PORT_LETTERS)


def data_key(text: str) -> str | None:
    """Say what keeps a text from being a key of a ConfigMap or a Secret, which is a file's name as well."""
    if not DATA_KEY.fullmatch(text) or text == "." or text.startswith(".."):
        return f"given {text!r}; allowed: letters, digits, `-`, `_` and `.`, but not `.` nor `..` at its start"
    return _length(text, SUBDOMAIN_LETTERS)


def variable(text: str) -> str | None:
    """Say what keeps a text from being the name of an environment variable: printable ASCII but `=`."""
    return None if VARIABLE.fullmatch(text) else f"given {text!r}; allowed: printable ASCII characters but `=`"


def header(text: str) -> str | None:
    """Say what keeps a text from being the name of a probe's header."""
    return None if HEADER.fullmatch(text) else f"given {text!r}; allowed: letters, digits and `-`"


def sysctl(text: str) -> str | None:
    """Say what keeps a text from being the name of a kernel's parameter, as net.core.somaxconn."""
    if not SYSCTL.fullmatch(text):
        return f"given {text!r}; allowed: small letters, digits, `-` and `_`, in parts between `.` or `/`"
    return _length(text, SUBDOMAIN_LETTERS)


def labels(given: Fields, path: Path) -> Refusals:
    """Refuse labels whose key or value cannot be one."""
    for key, value in given.items():
        for wrong in filter(None, (qualified(key), label_value(value or ""))):
            yield Refusal((*path, key), wrong)


def annotations(given: Fields, path: Path) -> Refusals:
    """Refuse annotations whose key cannot be one, or that are too much together."""
    for key in given:
        if wrong := qualified(key.lower()):
            yield Refusal((*path, key), wrong)
    size = sum(len(text.encode()) for text in _texts(given))
    if size > ANNOTATION_BYTES:
        yield Refusal(path, f"{size} bytes in all; allowed: {ANNOTATION_BYTES}")


def _texts(given: Fields) -> Iterator[str]:
    for key, value in given.items():
        yield key
        yield str(value)


def selector(given: Fields, path: Path) -> Refusals:
    """Refuse a label selector that has what no label can be, or an operator without what it needs."""
    yield from labels(given.get("matchLabels") or {}, (*path, "matchLabels"))
    for number, expression in enumerate(given.get("matchExpressions") or ()):
        here = (*path, "matchExpressions", number)
        operator, values = expression.get("operator"), expression.get("values") or ()
        if wrong := qualified(str(expression.get("key", ""))):
            yield Refusal((*here, "key"), wrong)
        if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            yield Refusal((*here, "operator"), f"given {operator!r}; allowed: In, NotIn, Exists, DoesNotExist")
        elif bool(values) != (operator in ("In", "NotIn")):
            yield Refusal((*here, "values"), f"{operator} takes {'none' if values else 'one at least'}")
