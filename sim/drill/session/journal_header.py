"""The header of a journal: the start of the drill, from which its entries rebuild everything else."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.drill.room.draw_keys import CommandDrawn
from sim.drill.room.staff import Newcomer
from sim.drill.scenario.scenario import Scenario
from sim.drill.session.journal_reading import BadJournal, Entry, require_this_model
from sim.drill.session.load import checked
from sim.kernel.data_files import DataFiles, shipped_data_files
from sim.kernel.document import BadFile
from sim.kernel.frozen import frozen


@frozen
class DrillStart:
    """The start of a drill. `people`, `drawn`: see `Session`."""

    scenario: Scenario
    seed: int
    people: Sequence[Newcomer] | None
    drawn: Sequence[CommandDrawn] | None


def header_of(
    start: DrillStart, launch: Mapping[str, Any] | None, parent: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The fields of a journal's header, as plain JSON values; `launch`, `parent`: see `Session.start`."""
    header = {
        "scenario": scenario_document(start.scenario),
        "hash": start.scenario.source_hash,
        "seed": start.seed,
        "launch": dict(launch or {}),
        **({"parent": dict(parent)} if parent else {}),
    }
    if start.people is not None:
        header["people"] = [asdict(one) for one in start.people]
    if start.drawn is not None:
        header["drawn"] = [asdict(one) for one in start.drawn]
    return header


def start_in(header: Entry, path: Path) -> DrillStart:
    """The start of the drill in the header of the journal at `path`. Raises BadJournal, BadFile."""
    require_this_model(path, header)
    if not isinstance(header.get("seed"), int) or not isinstance(header.get("scenario"), dict):
        raise BadJournal(f"{path}:1: the header has no scenario or seed; the file is damaged")
    scenario = scenario_from_document(header["scenario"], str(path))
    return DrillStart(scenario, header["seed"], _people_in(header, path), drawn_in(header, path))


def _people_in(header: Mapping[str, Any], path: Path) -> list[Newcomer] | None:
    """The staff that a plan adds, in the header of its drill's journal; None: not the drill of a plan. Raises
    BadJournal.
    """
    if "people" not in header:
        return None
    try:
        return [Newcomer(**{**row, "also": tuple(row["also"])}) for row in header["people"]]
    except (KeyError, TypeError):
        raise BadJournal(f"{path}:1: the people in its header cannot be read; the file is damaged") from None


def drawn_in(header: Mapping[str, Any], path: Path) -> list[CommandDrawn] | None:
    """The commands of its parent whose luck a branch has, in the header of its journal; None: it has luck of
    its own. Raises BadJournal.
    """
    if "drawn" not in header:
        return None
    try:
        rows = [
            CommandDrawn(int(row["t_ms"]), str(row["text"]), _keys(row["keys"]), *_keys([row["on_call"]]))
            for row in header["drawn"]
        ]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise BadJournal(f"{path}:1: the draws in its header cannot be read; the file is damaged") from None
    return rows


def _keys(keys: Sequence[Any]) -> tuple[int, ...]:
    """Raises ValueError for a key that no draw can have."""
    found = tuple(int(one) for one in keys)
    if any(not 0 <= one < 1 << 40 for one in found):
        raise ValueError("a key is out of range")
    return found


def scenario_document(scenario: Scenario) -> dict[str, Any]:
    """Everything that `scenario_from_document` needs to rebuild `scenario`, as plain JSON values."""
    return {"content": scenario.content(), "settings": scenario.settings, "files": scenario.files.texts()}


def scenario_from_document(document: dict[str, Any], source: str = "journal") -> Scenario:
    """The scenario that `scenario_document` wrote. Raises BadFile, naming `source`."""
    settings = document.get("settings")
    if not isinstance(settings, dict):
        raise BadFile([f"{source}:1:1: the scenario in its header has no settings; the file is damaged"])
    files = _kept_files(document.get("files"), source)
    scenario = checked(document.get("content"), Path(source), files)
    return scenario.came_from(files, None, {str(name): str(value) for name, value in settings.items()})


def _kept_files(texts: Any, source: str) -> DataFiles:
    """The data files in a journal's header; the shipped files for a drill that was recorded without them."""
    if texts is None:
        return shipped_data_files()
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise BadFile([f"{source}:1:1: the data files in its header are not texts; the file is damaged"])
    return DataFiles(texts, Path(source))
