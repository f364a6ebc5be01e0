"""States of simulated pods, as their statuses have them."""

from typing import Any

from harness.tests.cluster.simulation.store import Json


def container(name: str, state: Json, **flags: Any) -> Json:
    """Return the status of a container."""
    return {"name": name, "containerID": "sim://0", "restartCount": 0, "ready": False, "state": state, **flags}


def is_spoilt(spec: Json) -> bool:
    """Tell whether the first init container could but fail: a setting that is none, a command that exits."""
    init = (spec.get("initContainers") or [{}])[0]
    return any(each.get("value") == "soon" for each in init.get("env") or ()) or "SystemExit" in str(
        init.get("command")
    )


def is_ready(pod: Json) -> bool:
    """Tell whether a pod's condition Ready is true."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
