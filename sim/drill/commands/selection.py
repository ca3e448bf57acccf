"""Which messages of the inbound queue a command is about: all, one, the oldest, one user's, one origin's."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.drill.command import Command, arg
from sim.drill.drill import Drill
from sim.kernel.draws import I64
from sim.mail.outgoing_queue import OutgoingQueue
from sim.mail.rows import Rows
from sim.mail.traffic import INTERNAL, direction_of
from sim.mail.world import World

MOST_DIGITS = 15
Side = Literal["inbound", "outbound"]

_USER = re.compile(r"user(\d{4,9})(?:@(.*))?", re.ASCII)


def side() -> Side:
    """The field that says which deliveries a command is about."""
    help_ = "inbound: to the mail server; outbound: to the internet"
    one: Side = arg("choice", help_, choices=("inbound", "outbound"))
    return one


def deliveries(drill: Drill, side: Side) -> World | OutgoingQueue:
    """What pauses, resumes, tries, takes out and extends that side's queue; `queue` is the queue itself."""
    return drill.world if side == "inbound" else drill.world.writers.outgoing


@dataclass(frozen=True, slots=True)
class Selecting(Command):
    """A command about some of the messages in a queue, or about all of them."""

    side: Side = side()
    message: str = arg("word", "only this one, by its number in the queue's list", key="message", default="")
    oldest: str = arg("word", "only so many, those that arrived first", key="oldest", default="")
    to: str = arg("word", "only what is addressed to this user, such as user0042", key="to", default="")
    origin: str = arg(
        "choice", "only mail from there", key="from", default="", choices=("outside", "colleagues")
    )


def is_number(text: str) -> bool:
    """Whether it is a whole number that a person would type."""
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def wrong(drill: Drill, command: Selecting, *, waits: bool = False) -> str | None:
    """Why what it names cannot be acted on; None if it can. `waits`: between two attempts."""
    if command.side == "outbound" and (command.message or command.to or command.origin):
        return "`message`, `to` and `from` are of the inbound queue; the outbound one knows `oldest` alone"
    if command.message:
        if command.oldest or command.to or command.origin:
            return "`message` names one message; leave `oldest`, `to` and `from` out"
        return _not_there(drill, command.message, waits=waits)
    if command.oldest and not (is_number(command.oldest) and int(command.oldest)):
        return f"`{command.oldest}` is no number of messages; write such as oldest=2000"
    if command.to and user_named(drill, command.to) is None:
        last = drill.scenario.organisation.users - 1
        return f"`{command.to}` is nobody here; write to=user0000 up to to=user{last:04d}"
    queue = deliveries(drill, command.side)
    ids = picked(drill, command, queue.queue.between_attempts() if waits else queue.live())
    if ids is not None and not len(ids):
        return f"no message in the {command.side} queue is like that" + (
            " and waits for an attempt" if waits else ""
        )
    return None


def picked(drill: Drill, command: Selecting, rows: Rows) -> I64 | None:
    """The identities of those of `rows` that it names; None: all are meant."""
    if command.message:
        named = _named(drill, command.message)
        return np.array([] if named is None else [named], dtype=np.int64)
    if not (command.oldest or command.to or command.origin):
        return None
    rows = rows.in_arrival_order()
    meant: NDArray[np.bool_] = np.ones(len(rows), dtype=np.bool_)
    if command.to:
        meant &= rows.user == user_named(drill, command.to)
    if command.origin:
        meant &= (direction_of(rows.id) == INTERNAL) == (command.origin == "colleagues")
    ids = rows.id[meant]
    return ids[: int(command.oldest)] if command.oldest else ids


def selected(command: Selecting) -> str:
    """The same in words."""
    if command.message:
        return f"message {command.message}"
    parts = ["the oldest"] if command.oldest else []
    parts += [f"to {command.to}"] if command.to else []
    parts += [f"from {command.origin}"] if command.origin else []
    if command.side == "outbound":
        return "the oldest" if parts else "to the internet"
    return " ".join(parts) or "mail between colleagues included"


def _named(drill: Drill, number: str) -> int | None:
    """The identity that `message=` names; None if it names none, or something that is no number."""
    return drill.world.numbering.identity(int(number), drill.now_ms) if is_number(number) else None


def user_named(drill: Drill, address: str) -> int | None:
    """The user that `to=` names; None if nobody has that address."""
    found, organisation = _USER.fullmatch(address), drill.scenario.organisation
    if found is None or found.group(2) not in (None, organisation.domain):
        return None
    number = int(found.group(1))
    return number if number < organisation.users else None


def _not_there(drill: Drill, number: str, *, waits: bool) -> str | None:
    """Why that message cannot be acted on; None if it can. `waits`: between attempts."""
    if not (number.isascii() and number.isdigit()):
        return f"`{number}` is no message's number; take one from the queue's list, such as message=4711"
    named = _named(drill, number)
    if named is None or named not in drill.world.live().id:
        return f"there is no message {number} in the inbound queue; take a number from the queue's list"
    if waits and named not in drill.world.queue.between_attempts().id:
        return f"message {number} is being delivered at this moment; wait for what comes of it"
    return None
