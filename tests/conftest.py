"""What all tests share: the options of those that deploy, and the event loop."""

import os
import signal

import pytest

from tests import settings
from tests.overlays import CHECKOUT

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what is in its background so, and each command that tests interrupt would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A developer's own settings are nothing that a test was written for.
settings.forget(os.environ)

# What the Makefile says of this checkout, for who runs pytest without it.
os.environ.setdefault("SEATRIAL_STAND_INS", str(CHECKOUT / "images"))
os.environ.setdefault("CONTAINERS_CONF_OVERRIDE", str(CHECKOUT / ".tools" / "containers.conf"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what both the end-to-end tests and a trial can be told."""
    parser.addoption("--overlay", help="a name in kustomize/overlays, or a path; on podman `podman` if none is given")
    parser.addoption("--runtime", default="podman", choices=("podman", "cluster"), help="where to deploy")
    parser.addoption("--context", help="with --runtime cluster: the kubeconfig's context, which has no default")
    parser.addoption(
        "--image", action="append", default=[], metavar="NAME=REF", help="use REF in place of the image NAME"
    )


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio: it is what the service and the harness use."""
    return "asyncio"
