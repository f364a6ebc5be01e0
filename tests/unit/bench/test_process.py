"""How a server is started: in which container, and with what of this machine."""

from bench.cores import SERVERS
from bench.process import CHECKOUT, python_in


def test_python_in_runs_the_images_python_on_the_servers_core_and_prints_without_podman() -> None:
    """The code is the checkout's and cannot be written; what follows are Python's own arguments."""
    argv = python_in("01ab", "a-name", {"APP_PORT": "1"}, "/directory", "--cpus=0.5")
    assert argv[-2:] == ("--cpus=0.5", "01ab")
    assert {"--entrypoint=python", f"--cpuset-cpus={SERVERS}", "--log-driver=passthrough", "--name=a-name"} <= {*argv}
    assert {f"--volume={CHECKOUT}:{CHECKOUT}:ro", f"--env=PYTHONPATH={CHECKOUT}", "--env=APP_PORT=1"} <= {*argv}
