"""The controls, by what is wrong with them."""

from tests.controls.control import Control
from tests.controls.table import beside, ending, limits, on_a_cluster, outage, running, starting, yaml

CONTROLS: tuple[Control, ...] = (
    *yaml.CONTROLS,
    *beside.CONTROLS,
    *on_a_cluster.CONTROLS,
    *starting.CONTROLS,
    *running.CONTROLS,
    *limits.CONTROLS,
    *outage.CONTROLS,
    *ending.CONTROLS,
)
