"""The folder of the files that ship with mxdrill."""

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def shipped_folder() -> Path:
    """The folder of the shipped files: outages, organisations, platforms, resolvers and so on."""
    return Path(str(files("scenarios")))
