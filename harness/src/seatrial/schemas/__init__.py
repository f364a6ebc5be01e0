"""The JSON Schemas of what the tool reads and writes: trial.toml, a trial's report, and a baseline."""

from importlib.resources import files

NAMES = ("trial.schema.json", "trial-toml.schema.json", "baseline.schema.json")


def text(name: str) -> str:
    """Return one of them."""
    return (files(__name__) / name).read_text("utf-8")
