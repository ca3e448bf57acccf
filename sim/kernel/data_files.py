"""The data files with the numbers, as one value: their texts at one point in time, each parsed at most
once.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationInfo

from sim.kernel.document import BadFile, check_tree, parse_tree, read_text
from sim.kernel.file_mistakes import Loc, position_of
from sim.kernel.shipped_folder import shipped_folder

FOLDERS = (
    "dns",
    "house",
    "platforms",
    "populations",
    "populations/senders",
    "resolvers",
    "servers",
    "vendors",
)
"""Folders of data files within the folder of shipped files."""

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class DataFiles:
    """Data files by their path, such as `platforms/postfix.yaml`. Treat as immutable."""

    def __init__(self, texts: Mapping[str, str], folder: Path = Path()) -> None:
        """`folder`: the folder of the files, for error messages."""
        self._texts = dict(texts)
        self._folder = folder
        self._elsewhere: dict[str, Path] = {}
        self._ids: dict[str, tuple[str, ...]] = {}
        self._parsed: dict[tuple[str, type[BaseModel]], Any] = {}
        self._made: dict[str, Any] = {}

    def texts(self) -> dict[str, str]:
        """The text of each file by its path, sorted by path."""
        return dict(sorted(self._texts.items()))

    def ids(self, folder: str) -> tuple[str, ...]:
        """Names, without `.yaml`, of the files in `folder` itself, sorted."""
        if folder not in self._ids:
            paths = (PurePosixPath(path) for path in self._texts)
            self._ids[folder] = tuple(sorted(path.stem for path in paths if str(path.parent) == folder))
        return self._ids[folder]

    def read(self, path: str, model: type[M]) -> M:
        """The file at `path`, checked as `model`. Raises BadFile.

        The model's validators find these files with `data_files_of`.
        """
        if (path, model) not in self._parsed:
            where = self._where(path)
            if path not in self._texts:
                raise BadFile([f"{where}: no such data file; install mxdrill again"])
            tree = parse_tree(self._texts[path], where)
            self._parsed[path, model] = check_tree(tree, model, where, with_data_files(self))
        found: M = self._parsed[path, model]
        return found

    def made(self, name: str, make: Callable[[], T]) -> T:
        """The immutable value `name`, derived from these files alone, made at most once."""
        if name not in self._made:
            self._made[name] = make()
        found: T = self._made[name]
        return found

    def mistake(self, path: str, loc: Loc, what: str) -> BadFile:
        """A mistake at `loc` in the file at `path`, for the caller to raise."""
        where = self._where(path)
        line, column = position_of(parse_tree(self._texts[path], where), loc)
        return BadFile([f"{where}:{line}:{column}: {what}"])

    def replaced(self, path: str, text: str, where: Path) -> "DataFiles":
        """These files, with `text`, read from the file `where`, in place of the file at `path`."""
        other = DataFiles({**self._texts, path: text}, self._folder)
        other._elsewhere = {**self._elsewhere, path: where}
        return other

    def holding(self, path: str, model: type[M], value: M) -> "DataFiles":
        """These files, with `value` stored as the content, read as `model`, of the file at `path`."""
        other = DataFiles(self._texts, self._folder)
        other._elsewhere = dict(self._elsewhere)
        other._parsed = {**self._parsed, (path, model): value}
        return other

    def _where(self, path: str) -> Path:
        return self._elsewhere.get(path, self._folder / path)


_CONTEXT = "data files"


def with_data_files(files: DataFiles) -> dict[str, Any]:
    """The context for validating a model that names platforms, resolvers, servers or vendors."""
    return {_CONTEXT: files}


def data_files_of(info: ValidationInfo) -> DataFiles:
    """The data files against which a model is validated; for a model created in code, the shipped files."""
    found = (info.context or {}).get(_CONTEXT)
    return found if isinstance(found, DataFiles) else shipped_data_files()


def read_data_files(root: Path) -> DataFiles:
    """The data files in the folder `root`, which has the same layout as the shipped one. Raises BadFile."""
    paths = [path for folder in FOLDERS for path in sorted((root / folder).glob("*.yaml"))]
    return DataFiles({path.relative_to(root).as_posix(): read_text(path) for path in paths}, root)


@cache
def shipped_data_files() -> DataFiles:
    """The data files that ship with mxdrill. Raises BadFile."""
    return read_data_files(shipped_folder())
