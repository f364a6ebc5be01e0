"""The claims, by what they are about: each a sentence, and a function from what a scenario saw to a judgement."""

import importlib
import pkgutil
from typing import Any

from seatrial.trial.judgement import Judged


def _claims() -> tuple[Judged[Any], ...]:
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tuple(judged for module in modules for judged in getattr(module, "CLAIMS", ()))


CLAIMS = _claims()
"""Every claim of a trial, whatever runtime can be asked."""
