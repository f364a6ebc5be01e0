"""The controls, by what is wrong with them."""

from tests.controls.control import Control
from tests.controls.table import ending, limits, outage, running, starting, yaml

CONTROLS: tuple[Control, ...] = (
    *yaml.CONTROLS,
    *starting.CONTROLS,
    *running.CONTROLS,
    *limits.CONTROLS,
    *outage.CONTROLS,
    *ending.CONTROLS,
)
