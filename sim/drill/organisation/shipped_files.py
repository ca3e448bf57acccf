"""The files that ship with mxdrill, by kind and name, and files that people name by path."""

from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from sim.kernel.document import BadFile
from sim.kernel.shipped_folder import shipped_folder

Kind = Literal["outages", "organisations", "runbooks", "plans", "schema"]

_CALLED: dict[Kind, str] = {
    "outages": "scenario",
    "organisations": "organisation",
    "runbooks": "runbook",
    "plans": "plan",
    "schema": "schema",
}


def shipped_names(kind: Kind) -> list[str]:
    """Names of the shipped files of a kind, sorted."""
    return sorted(path.stem for path in (shipped_folder() / kind).glob("*.yaml"))


def find_file(kind: Kind, name_or_path: str, beside: Path | None = None) -> Path:
    """The file of that name (a shipped file) or path.

    A relative path is looked up in the folder `beside` (None: the current folder), then among the shipped
    files. Raises BadFile if there is none.
    """
    text = name_or_path.strip()
    if not ("/" in text or "\\" in text or text.endswith((".yaml", ".yml"))):
        shipped = shipped_folder() / kind / f"{text}.yaml"
        if text in shipped_names(kind):
            return shipped
        here = Path(text) if beside is None else beside / text
        if here.is_file():
            raise BadFile([f"{text}: does not end in .yaml; give the path of a .yaml file"])
        if text and here.is_dir():
            raise BadFile([f"{text}: is a folder; give the path of a .yaml file"])
        raise BadFile([f"{text!r}: no such {_CALLED[kind]}; {_what_there_is(kind, text)}"])
    path = Path(text) if beside is None else beside / text
    inside = shipped_folder() / text
    return path if path.exists() or not inside.exists() else inside


def _what_there_is(kind: Kind, text: str) -> str:
    names = shipped_names(kind)
    near = get_close_matches(text, names, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"choose from {', '.join(names)}; or give the path of a .yaml file"
