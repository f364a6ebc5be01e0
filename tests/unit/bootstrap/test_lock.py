"""Two bootstraps at once."""

import subprocess
import sys
from pathlib import Path

from bootstrap import lock

CHECKOUT = Path(__file__).parents[3]
SECOND = (
    "import sys; from pathlib import Path; from bootstrap import lock\n"
    "with lock.alone(Path(sys.argv[1])): print('in', flush=True)"
)


def test_a_second_bootstrap_says_that_it_waits_and_goes_on_when_the_first_is_done(tmp_path: Path) -> None:
    """The second is not let in, nor refused, while the first is at work."""
    argv = (sys.executable, "-c", SECOND, str(tmp_path))
    with lock.alone(tmp_path):
        second = subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert second.stderr is not None
        assert second.stderr.readline() == "waiting for another bootstrap in this checkout to end\n"
        assert second.poll() is None
    output, errors = second.communicate(timeout=60)
    assert (output, errors) == ("in\n", "")


def test_a_bootstrap_alone_does_not_wait(tmp_path: Path) -> None:
    """The negative: where nobody else is, nothing is said."""
    argv = (sys.executable, "-c", SECOND, str(tmp_path))
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
