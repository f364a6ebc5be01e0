"""The document says of every claim whether a control breaks it."""

import re

from tests.controls import result
from tests.controls.table import CONTROLS
from tests.docs import controls


def test_claims_that_no_control_breaks_are_named_and_no_others() -> None:
    """Each claim of the table is either found broken on some control, or in the list."""
    named = re.findall("`(.+?)`", "\n".join(controls.unbroken()))
    claims = re.findall(r"^\| `(.+?)`", "\n".join(controls.claims()), re.MULTILINE)
    broken = {claim for control in CONTROLS for claim in result.read()[control.name].broken}
    assert sorted(named) == sorted({*claims} - broken)
    assert broken <= {*claims}
