"""Where a breach is, as readers of a repository name it."""

from pathlib import Path

from seatrial.trial.verdict import Breach


def repository(start: Path | None = None) -> Path:
    """Return the directory of the repository that a directory is in, by default the current one; or else itself."""
    here = (start or Path.cwd()).resolve()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def relative(file: str | None) -> str | None:
    """Return a file's path from the repository, with `/`; None for what is no file, or is outside of it."""
    if file is None or not (path := Path(file).resolve()).is_file():
        return None
    root = repository()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None


def shown(breach: Breach) -> str:
    """Return the file, as seen from here, and the line."""
    if breach.file is None:
        return ""
    path, here = Path(breach.file), Path.cwd()
    if path.is_absolute() and path.is_relative_to(here):
        path = path.relative_to(here)
    return f"{path}:{breach.line}"
