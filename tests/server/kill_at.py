"""`seatrial`, killed when it says a certain thing: `python -m tests.server.kill_at TEXT VERB...` exits 0 if it was."""

import subprocess
import sys


def main(text: str, arguments: list[str]) -> int:
    """Run it and send SIGKILL at the first line on stderr with the text in it; it is said before it is done."""
    command = [sys.executable, "-m", "seatrial", "server", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tool:
        assert tool.stderr is not None
        for line in tool.stderr:
            sys.stderr.write(line)
            if text in line:
                tool.kill()
                return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
