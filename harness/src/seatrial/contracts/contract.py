"""What a contract is: a sentence about a deployment, and the check that shows the arithmetic of it, place by place."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from seatrial.contracts.overlay import Overlay, Runtime
from seatrial.errors import ManifestError
from seatrial.manifests.place import Place


@dataclass(frozen=True)
class Check:
    """What a contract found at one place: whether it holds there, and the arithmetic that says so."""

    where: Place
    holds: bool
    text: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.where}: {self.text}"


Judge = Callable[[Overlay], Iterator[Check]]


@dataclass(frozen=True)
class Contract:
    """A promise that the YAML alone proves or breaks. `of_form` is one that judges the very form of the objects.

    One for `only` a runtime is not asked of what is written for another, or for nobody knows which.
    """

    name: str
    sentence: str
    judge: Judge
    of_form: bool = False
    only: Runtime | None = None

    def __call__(self, overlay: Overlay) -> tuple[Check, ...]:
        """Return a check for each place that was looked at, none where the contract does not apply.

        Raises ManifestError, which names what is wrong, for objects that no API server would take: nothing can be told.
        """
        if not self.is_asked(overlay):
            return ()
        if overlay.malformed and not self.of_form:
            raise ManifestError("; ".join(overlay.malformed))
        return tuple(self.judge(overlay))

    def is_asked(self, overlay: Overlay) -> bool:
        """Tell whether it is about what an overlay is written for."""
        return self.only in (None, overlay.runtime)

    def breaches(self, overlay: Overlay) -> tuple[Check, ...]:
        """Return the checks that do not hold; raises as calling it does."""
        return tuple(check for check in self(overlay) if not check.holds)


def contract(judge: Judge) -> Contract:
    """Make a contract of a function: its name, and its docstring as the sentence."""
    return Contract(judge.__name__, " ".join((judge.__doc__ or "").split()), judge)


def contract_of_form(judge: Judge) -> Contract:
    """Make one that is asked even where the objects are malformed."""
    return replace(contract(judge), of_form=True)


def contract_for(only: Runtime) -> Callable[[Judge], Contract]:
    """Make one that is asked of what is written for one runtime alone."""
    return lambda judge: replace(contract(judge), only=only)


def found_in(package: str, path: Iterable[str]) -> tuple[Contract, ...]:
    """Return the contracts of all modules of a package, given its name and `__path__`."""
    modules = (importlib.import_module(f"{package}.{found.name}") for found in pkgutil.iter_modules(path))
    return tuple(
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, Contract) and found.judge.__module__ == module.__name__
    )
