"""A service's name, and the forms in which its files need it."""

import keyword
import re
from dataclasses import dataclass

from fork.errors import ForkError

OLD = "seatrial"
"""What the service is called in the repository that is forked, as is the tool, whose places stay as they are."""
LONGEST = 23
"""NAME-proxy-pod-NAME-proxy is the longest name that is made of it, and no DNS label has more than 63 characters."""
SHAPE = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
TAKEN = frozenset(
    {OLD, "app", "bench", "bootstrap", "fork", "harness", "images", "tests"}  # packages of the checkout
    | {"blue", "database", "green", "nginx", "pgbouncer", "postgres", "postgresql", "proxy"}  # parts beside the service
    | {"default", "kube", "kubernetes", "localhost", "python", "service", "template0", "template1"}
)


@dataclass(frozen=True)
class Name:
    """A name: `harbor-log`, `harbor_log`, `HarborLog`, `Harbor log`."""

    text: str

    @classmethod
    def read(cls, text: str) -> "Name":
        """Return what was typed as a name; raises ForkError with all that a name must be."""
        reserved = text in TAKEN or keyword.iskeyword(text) or keyword.issoftkeyword(text) or text.startswith("kube-")
        if not SHAPE.fullmatch(text) or "--" in text or len(text) > LONGEST or reserved:
            raise ForkError(
                f"NAME={text} is no name for the service: given {text!r}"
                f"{', which is taken or reserved' if reserved else ''}; allowed: an RFC 1123 label of 1 to {LONGEST} "
                "lower-case letters, digits and single hyphens, a letter first and no hyphen last, that is neither a "
                "word of Python nor taken by something beside the service; for example `make rename NAME=harbor-log`"
            )
        return cls(text)

    @property
    def snake(self) -> str:
        """Return it as metrics and databases are named: `harbor_log`."""
        return self.text.replace("-", "_")

    @property
    def pascal(self) -> str:
        """Return it as alerts are named: `HarborLog`."""
        return "".join(part.capitalize() for part in self.text.split("-"))

    @property
    def title(self) -> str:
        """Return it as people read it: `Harbor log`."""
        return self.text.replace("-", " ").capitalize()
