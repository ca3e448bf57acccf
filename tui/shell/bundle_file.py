"""A bundle: a drill's journal and its form in one ZIP file, with digests that `verify` compares."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tui.shell.command_mistake import CommandMistake

JOURNAL, MANIFEST, FORM = "journal.jsonl", "manifest.json", "form.aar.yaml"
_MADE = (1980, 1, 1, 0, 0, 0)
"""The date given to every file in a bundle, so that the same drill always gives the same bundle, byte for
byte.
"""
_LARGEST_BYTES = {JOURNAL: 256 << 20, MANIFEST: 64 << 10, FORM: 256 << 10}
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts that a bundle states about its drill."""

    mxdrill: str
    """The version of mxdrill that made the bundle."""
    drill: str
    digest: str
    t_ms: int
    """The drill time at which the digest was taken."""
    journal_sha256: str


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file at `path`, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_bundle(path: Path, journal: Path, form: Path, manifest: Manifest) -> None:
    """Make a new bundle at `path`. Raises CommandMistake; an existing file is kept."""
    parts = {MANIFEST: json.dumps(asdict(manifest), indent=1).encode() + b"\n", JOURNAL: journal.read_bytes()}
    if form.exists():
        parts[FORM] = form.read_bytes()
    made = False
    try:
        with open(path, "xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
            made = True
            for name, content in parts.items():
                about = zipfile.ZipInfo(name, _MADE)
                about.compress_type = zipfile.ZIP_DEFLATED
                about.external_attr = 0o600 << 16
                bundle.writestr(about, content)
    except BaseException as why:
        if made:
            path.unlink(missing_ok=True)
        if not isinstance(why, OSError):
            raise
        raise CommandMistake(f"{path}: {(why.strerror or 'cannot be written').lower()}") from None


def read_bundle(path: Path, folder: Path) -> tuple[Manifest, Path]:
    """The manifest of the bundle at `path`, and its journal unpacked into `folder`.

    Only files with the expected names are read, up to the allowed size. Raises CommandMistake.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            manifest = _manifest(path, json.loads(_part(path, bundle, MANIFEST)))
            journal = folder / JOURNAL
            _unpack(path, bundle, journal)
    except OSError as why:
        if why.errno is None:  # zipfile's own
            raise _damaged(path, why) from None
        where = why.filename or path
        raise CommandMistake(f"{where}: {(why.strerror or 'cannot be read').lower()}") from None
    except (EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, RuntimeError) as why:
        raise _damaged(path, why) from None
    if sha256_of(journal) != manifest.journal_sha256:
        raise CommandMistake(f"{path}: its journal is not the one that was bundled")
    return manifest, journal


def _damaged(path: Path, why: Exception) -> CommandMistake:
    return CommandMistake(f"{path}: not a bundle, or damaged ({why}); make it with: mxdrill bundle")


def _part(path: Path, bundle: zipfile.ZipFile, name: str) -> bytes:
    with bundle.open(name) as file:
        content = file.read(_LARGEST_BYTES[name] + 1)
    if len(content) > _LARGEST_BYTES[name]:
        raise CommandMistake(f"{path}: {name} in it is too large")
    return content


def _unpack(path: Path, bundle: zipfile.ZipFile, journal: Path) -> None:
    """Write the journal to a file piece by piece: a bundle of 400 kB may hold one of 400 MB."""
    left = _LARGEST_BYTES[JOURNAL]
    with bundle.open(JOURNAL) as packed, journal.open("wb") as file:
        while piece := packed.read(_PIECE_BYTES):
            left -= len(piece)
            if left < 0:
                raise CommandMistake(f"{path}: {JOURNAL} in it is too large")
            file.write(piece)


def _manifest(path: Path, found: Any) -> Manifest:
    wanted = Manifest.__annotations__
    right = isinstance(found, Mapping) and found.keys() == wanted.keys()
    if not right or not all(isinstance(found[name], kind) for name, kind in wanted.items()):
        raise CommandMistake(f"{path}: its {MANIFEST} is not that of a bundle; make it with: mxdrill bundle")
    return Manifest(**found)
