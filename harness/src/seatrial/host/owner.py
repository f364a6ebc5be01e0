"""Which process a run is of, told so that another can tell whether it still lives."""

from pathlib import Path

LABEL = "seatrial.dev/process"

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")
STARTED = 19
"""Where a process's start is in /proc/PID/stat, counted from behind its name."""


def this_process() -> str:
    """Return what tells this process from all others: boot, namespace of pids, pid and start."""
    pid = int(Path("/proc/self").readlink().name)
    return f"{_boot()}.{_namespace()}.{pid}.{started(pid)}"


def is_gone(process: str) -> bool:
    """Tell whether a process has ended; False where that cannot be told, as of another namespace of pids."""
    match process.split("."):
        case [boot, namespace, pid, since] if pid.isdigit():
            if boot != _boot():
                return True
            return namespace == _namespace() and since != started(int(pid))
    return False


def is_visible(process: str) -> bool:
    """Tell whether a process is of this boot and this namespace of pids, so that its end is seen from here."""
    return process.split(".")[:2] == [_boot(), _namespace()]


def started(pid: int) -> str:
    """Return when a process began, in the kernel's ticks, which no other has with its number; nothing without one."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[STARTED]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _boot() -> str:
    return _BOOT.read_text().strip()


def _namespace() -> str:
    return str(_NAMESPACE.readlink()).strip("pid:[]")
