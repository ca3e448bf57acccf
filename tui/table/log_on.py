"""Log-on to a table: a token of 128 bits for each seat and page, and a wait after five wrong ones."""

import base64
import hmac
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sim.kernel.duration import in_words
from sim.kernel.user_mistake import Mistake

Kind = Literal["seat", "phone", "room"]
"""What a link opens: a seat itself, its phone page, or the projector's page."""

TRIES = 5
"""Number of wrong tokens after which an address has to wait."""
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 900.0
"""Maximum wait; the wait doubles with each further series of wrong tokens."""
MOST_ADDRESSES = 4096
"""Maximum number of addresses whose attempts are remembered; the oldest are forgotten first."""
_TOKEN_BYTES = 16
_SECRET_BYTES = 32
_SECRET_HEAD = b"secret of an mxdrill table\n"
"""The beginning of a file with a secret, which distinguishes it from any other `NAME.key`."""


class ForeignKey(Mistake):
    """The file for the secret exists, and is not a secret; one line with the remedy."""


class Keyring:
    """The tokens of a table, all made from one secret, so that a resumed table has the same links."""

    def __init__(self, secret: bytes, seats: Iterable[str]) -> None:
        self._secret = secret
        places: list[tuple[Kind, str]] = [("room", "")]
        for name in seats:
            places += [("seat", name), ("phone", name)]
        self._tokens = {place: self._made(*place) for place in places}

    def _made(self, kind: Kind, name: str) -> str:
        digest = hmac.digest(self._secret, f"{kind}:{name}".encode(), "sha256")[:_TOKEN_BYTES]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def token(self, kind: Kind, name: str = "") -> str:
        """The token of that place. Raises KeyError if the token is void or there is no such seat."""
        return self._tokens[kind, name]

    def opens(self, kind: Kind, token: str) -> str | None:
        """The seat that this token of that kind opens (`""` for the room); None if there is none.

        Every token is compared, each in constant time.
        """
        given = token.encode("utf-8", "replace")
        found = None
        for (of, name), own in self._tokens.items():
            same = hmac.compare_digest(own.encode(), given)
            if same and of == kind:
                found = name
        return found

    def void(self) -> None:
        """Void all tokens."""
        self._tokens.clear()


def new_secret() -> bytes:
    """A secret for the tokens of one exercise."""
    return secrets.token_bytes(_SECRET_BYTES)


def kept_secret(path: Path) -> bytes:
    """The secret in the file at `path`, which only its owner can read; created if there is none, or if the
    file is empty because the program was interrupted before it wrote.

    Raises OSError; ForeignKey for another file of that name, such as a private key, which is left alone.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        found = secret_in(path)
        if found is not None:
            return found
        if path.is_symlink() or not path.is_file() or path.stat().st_size:
            raise ForeignKey(
                f"{path}: not the secret of an exercise; move it away or choose another --journal"
            ) from None
        handle = os.open(path, os.O_WRONLY)
    made = new_secret()
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_SECRET_HEAD + made)
    except OSError:
        path.unlink(missing_ok=True)  # an incomplete file would look like one that mxdrill did not write
        raise
    return made


def secret_in(path: Path) -> bytes | None:
    """The secret in the file at `path`; None for any other file, a link, or no file. Raises OSError."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        found = file.read(len(_SECRET_HEAD) + _SECRET_BYTES + 1)
    head, secret = found[: len(_SECRET_HEAD)], found[len(_SECRET_HEAD) :]
    return secret if head == _SECRET_HEAD and len(secret) == _SECRET_BYTES else None


@dataclass(slots=True)
class _Record:
    """The wrong tokens of one address."""

    wrong: int = 0
    rounds: int = 0
    until_s: float = 0.0


class Tries:
    """Wrong tokens by address. `report` shows the facilitator a line."""

    def __init__(self, wall: Callable[[], float], report: Callable[[str], None] = lambda line: None) -> None:
        self._wall, self._report = wall, report
        self._records: dict[str, _Record] = {}

    def wait_s(self, address: str) -> float:
        """Seconds before that address may try again; 0: it may try now."""
        record = self._records.get(address)
        return max(0.0, record.until_s - self._wall()) if record is not None else 0.0

    def wrong(self, address: str) -> None:
        """Record a wrong token from that address."""
        record = self._records.pop(address, None) or _Record()
        self._records[address] = record  # the newest entry is last
        record.wrong += 1
        if record.wrong >= TRIES:
            wait_s = min(FIRST_WAIT_S * 2**record.rounds, LONGEST_WAIT_S)
            record.wrong, record.rounds = 0, record.rounds + 1
            record.until_s = self._wall() + wait_s
            self._report(
                f"{TRIES} wrong tokens from {address}: it has to wait {in_words(round(wait_s) * 1000)}"
            )
        while len(self._records) > MOST_ADDRESSES:
            del self._records[next(iter(self._records))]

    def right(self, address: str) -> None:
        """Record a right token from that address."""
        self._records.pop(address, None)
