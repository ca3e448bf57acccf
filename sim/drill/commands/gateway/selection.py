"""Selection of messages in a delivery queue: all, one, the oldest, by recipient, by sender."""

import re
from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.drill.commands.command import Command, arg
from sim.drill.drill import Drill
from sim.drill.instruments.mail_addresses import box_named, boxes, correspondent_of
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.kernel.draws import I64
from sim.kernel.frozen import frozen
from sim.mail.gateway.cloud_gateway import CloudGateway
from sim.mail.gateway.outbound_queue import OutgoingQueue
from sim.mail.message.queue_members import Members
from sim.mail.message.rows import Rows
from sim.mail.message.traffic import INBOUND, INTERNAL, REAL_MAIL, direction_of
from sim.mail.users.outbox import senders

MOST_DIGITS = 15
Side = Literal["inbound", "outbound"]

OUTSIDE, COLLEAGUES = "outside", "colleagues"
SELECTED_BY = "mail is selected by age, recipient, sender, domain or address, not by subject or error"
"""The product's filters for queued messages that the commands support."""

Some = NDArray[np.bool_]
Mail = Rows | Members
Which = Callable[[Mail], Some]
"""True for each message that is selected."""
_USER = re.compile(r"user(\d{4,9})(?:@(.*))?", re.ASCII)


def side() -> Side:
    """The field with the queue's direction, for commands on deliveries."""
    help_ = "the direction: inbound, to the mail server, or outbound, to the internet"
    one: Side = arg("choice", help_, choices=("inbound", "outbound"))
    return one


def deliveries(drill: Drill, side: Side) -> CloudGateway | OutgoingQueue:
    """The part of the gateway that owns the queue for that direction and can pause, resume, retry, remove
    and extend.
    """
    return drill.world.cloud if side == "inbound" else drill.world.writers.outgoing


@frozen
class Selecting(Command):
    """A command that applies to a queue: to all its messages, or to a selection."""

    side: Side = side()
    message: str = arg(
        "word", "only this message, by its number in the queue's list", key="message", default=""
    )
    oldest: str = arg(
        "word", "only this number of messages, those that arrived first", key="oldest", default=""
    )
    to: str = arg("word", "only mail to this user; for outbound mail, to this domain", key="to", default="")
    sender: str = arg(
        "word",
        "only mail from outside, from colleagues, or from this user, domain or address",
        key="from",
        default="",
        offers=(OUTSIDE, COLLEAGUES),
    )

    @property
    def all_of_it(self) -> bool:
        """True if the command selects the whole queue."""
        return not (self.message or self.oldest or self.to or self.sender)

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        if self.side == "outbound" and self.message:
            return (
                "`message` works on the inbound queue only; select outbound mail by `oldest`, `to` or `from`"
            )
        if self.message and (self.oldest or self.to or self.sender):
            return "`message` names one message; leave out `oldest`, `to` and `from`"
        if self.oldest and not (is_number(self.oldest) and int(self.oldest)):
            return f"`{self.oldest}` is not a number of messages; write oldest=2000, for example"
        if self.side == "outbound" and self.sender in (OUTSIDE, COLLEAGUES):
            return f"all outbound mail is from your own users; leave out from={self.sender}, or give a user"
        return None


def is_number(text: str) -> bool:
    """True for a whole number with at most MOST_DIGITS digits."""
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def wrong(drill: Drill, command: Selecting, *, waits: bool = False) -> str | None:
    """The reason why the selection cannot be used; None if it can. `waits`: the command applies only to
    mail between attempts.
    """
    if command.message:
        return _not_there(drill, command.message, waits=waits)
    side = command.side
    if command.to and _to(drill, side, command.to) is None:
        return _nobody(drill, "to", command.to, user=side == "inbound")
    if command.sender and _from(drill, side, command.sender) is None:
        return _nobody(drill, "from", command.sender, user=side == "outbound")
    if command.all_of_it:
        return None
    queue = deliveries(drill, side).queue
    if not (command.to or command.sender):
        some = queue.waiting() if waits else queue.depth()
    else:
        ids = picked(drill, command, Members(**queue.members(Members.NAMES, waiting=waits)))
        some = 0 if ids is None else len(ids)
    if not some:
        return f"no message in the {side} queue matches" + (
            " and is waiting for its next attempt" if waits else ""
        )
    return None


def picked(drill: Drill, command: Selecting, rows: Mail) -> I64 | None:
    """The identities of the selected `rows`; None: all of them."""
    if command.message:
        named = _named(drill, command.message)
        return np.array([] if named is None else [named], dtype=np.int64)
    if command.all_of_it:
        return None
    rows = rows.in_arrival_order()
    meant: Some = np.ones(len(rows), dtype=np.bool_)
    for given, tells in ((command.to, _to), (command.sender, _from)):
        found = tells(drill, command.side, given) if given else None
        meant &= found(rows) if found is not None else not given
    ids = rows.id[meant]
    return ids[: int(command.oldest)] if command.oldest else ids


def selected(command: Selecting) -> str:
    """The selection in words."""
    if command.message:
        return f"message {command.message}"
    parts = ["the oldest"] if command.oldest else []
    parts += [f"to {command.to}"] if command.to else []
    parts += [f"from {command.sender}"] if command.sender else []
    everything = "to the internet" if command.side == "outbound" else "mail between colleagues included"
    return " ".join(parts) or everything


def _to(drill: Drill, side: Side, given: str) -> Which | None:
    """The messages that `to=` selects; None: no such recipient.

    For outbound messages, the field `user` holds the receiving organisation.
    """
    found = user_named(drill, given) if side == "inbound" else domain_named(drill, given)
    return None if found is None else lambda rows: rows.user == found


def _from(drill: Drill, side: Side, given: str) -> Which | None:
    """The messages that `from=` selects; None: no such sender."""
    if given in (OUTSIDE, COLLEAGUES):
        return lambda rows: (direction_of(rows.id) == INTERNAL) == (given == COLLEAGUES)
    user = user_named(drill, given)
    if user is not None:
        return partial(_by_user, drill, user)
    return _from_outside(drill, given) if side == "inbound" else None


def _by_user(drill: Drill, user: int, rows: Mail) -> Some:
    own = senders(drill.seed, rows.id, drill.scenario.organisation.users) == user
    by_user: Some = own & (direction_of(rows.id) != INBOUND)
    return by_user


def _from_outside(drill: Drill, given: str) -> Which | None:
    """The messages of an outside domain or address, simulated or seen in real mail; None: it is unknown."""
    name, at, domain = given.rpartition("@")
    letters = [
        identity
        for identity, letter in zip(drill.letters.identities, drill.letters.all, strict=True)
        if letter.envelope_from == given or (not at and letter.envelope_from.rpartition("@")[2] == given)
    ]
    organisation, box = domain_named(drill, domain), box_named(name)
    if (organisation is None or (at and box is None)) and not letters:
        return None

    def theirs(rows: Mail) -> Some:
        simulated = (direction_of(rows.id) == INBOUND) & (rows.id < REAL_MAIL)
        writers = drill.world.inbound.who().of(rows.id)
        found = simulated & (writers == (-1 if organisation is None else organisation))
        if at:
            found &= boxes(drill.seed, rows.id) == box
        meant: Some = found | np.isin(rows.id, letters)
        return meant

    return theirs


def domain_named(drill: Drill, domain: str) -> int | None:
    """The outside organisation with that domain; None if there is none."""
    return correspondent_of(drill.seed, domain, len(drill.world.inbound.who()))


def _nobody(drill: Drill, key: str, given: str, *, user: bool) -> str:
    last = drill.scenario.organisation.users - 1
    if user:
        return f"`{given}` is not a user here; write {key}=user0000 to {key}=user{last:04d}"
    more = "; or from=outside, from=colleagues, from=user0000" if key == "from" else ""
    return f"`{given}` is not a known domain; use one shown in the console, {key}=NAME.example{more}"


def _named(drill: Drill, number: str) -> int | None:
    """The identity that `message=` names; None if there is none, or if it is not a number."""
    return drill.world.numbering.identity(int(number), drill.now_ms) if is_number(number) else None


def user_named(drill: Drill, address: str) -> int | None:
    """The user that `to=` names; None: no such user."""
    found, organisation = _USER.fullmatch(address), drill.scenario.organisation
    if found is None or found.group(2) not in (None, organisation.domain):
        return None
    number = int(found.group(1))
    return number if number < organisation.users else None


def _not_there(drill: Drill, number: str, *, waits: bool) -> str | None:
    """The reason why that message cannot be used; None if it can. `waits`: the command applies only to a
    message between attempts.
    """
    if not (number.isascii() and number.isdigit()):
        return f"`{number}` is not a message number; use one from the queue's list, such as message=4711"
    named = _named(drill, number)
    if named is None or named not in drill.world.cloud.members().id:
        return f"there is no message {number} in the inbound queue; use a number from the queue's list"
    if waits and named not in drill.world.queue.members(("id",), waiting=True)["id"]:
        return f"message {number} is being delivered now; wait for the result"
    return None
