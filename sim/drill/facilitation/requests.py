"""Commands by which seats ask each other for something and answer: requests, approvals, calls and tickets."""

import re
from typing import ClassVar

from sim.drill.commands.command import arg
from sim.drill.commands.grammar import BadCommand, format_command, parse
from sim.drill.drill import Drill
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import FACILITATOR, Request, Seated
from sim.kernel.frozen import frozen

ANSWERABLE = frozenset({"call", "ticket", "email", "sms"})
"""Kinds of event that a person can answer."""
_SAID_TWICE = re.compile(r"^because(=|\s+)\s*")
"""Words dropped at the start of an answer: people write `allow 1 because …`, although the grammar does not
need `because`.
"""


@frozen
class Ask(TableWord):
    """Ask another seat to give a command that belongs to that seat."""

    to: str = arg("word", "the seat that is asked")
    text: str = arg("text", "the command, to the end of the line")

    words: ClassVar = ("ask",)
    givers: ClassVar = "seats"

    def refusal(self, drill: Drill, by: Seated) -> str:
        if self.to == by.seat:
            return "that is your own seat; give the command yourself"
        if self.to not in drill.table.people or self.to == FACILITATOR:
            return f"{self.to}: not a taken seat; give the command yourself"
        try:
            parse(self.text)
        except BadCommand as mistake:
            return str(mistake)
        return ""

    def act(self, drill: Drill, by: Seated) -> str:
        command = format_command(parse(self.text))
        asked = drill.table.ask(drill.now_ms, by.seat, self.to, command, lambda *answer: None, command=True)
        how = f"`allow {asked.number}` grants it, `deny {asked.number} REASON` refuses it"
        drill.say("talk", _told(by), f"asks {self.to} for `{command}`: {how}", by.seat, to=self.to)
        return f"request {asked.number} to {self.to}"


@frozen
class _Answer(TableWord):
    """An answer to a request."""

    number: str = arg("word", "the number of the request")
    because: str = arg("text", "the reason, to the end of the line", default="")

    yes: ClassVar[bool]

    def refusal(self, drill: Drill, by: Seated) -> str:
        asked = drill.table.numbered(self.number)
        if asked is None or (by.seat not in (asked.to, FACILITATOR)):
            return f"request {self.number}: no such request to {by.seat}{_open(drill, by)}"
        if asked.answer is not None:
            return f"request {self.number} has been answered{_open(drill, by)}"
        if self.yes and asked.own_words:
            return (
                f"request {self.number} is in the player's own words; `confirm {self.number}` carries it out"
            )
        if drill.now_ms < asked.reaches_ms:
            return f"request {self.number} has not reached you yet; you will get a call"
        if self.yes and asked.command and drill.table.frozen:
            return "the clock is stopped for everyone; allow it when the clock runs again"
        return ""

    def act(self, drill: Drill, by: Seated) -> str:
        asked = drill.table.numbered(self.number)
        assert asked is not None  # otherwise it would have been refused
        asked.answer = self.yes
        said = "allows" if self.yes else "denies"
        reason = _SAID_TWICE.sub("", self.because)
        because = f", because {reason}" if reason else ""
        matter = f"`{asked.text}`" if asked.command else asked.text
        to = asked.by if asked.command or asked.own_words else ""
        drill.say("talk", _told(by), f"{said} request {asked.number}: {matter}{because}", by.seat, to=to)
        asked.answered(drill.now_ms, self.yes, reason)
        return f"request {asked.number}: {'allowed' if self.yes else 'denied'}"


@frozen
class Allow(_Answer):
    """Grant a request: approve it, or run the command that was asked for."""

    words: ClassVar = ("allow",)
    givers: ClassVar = "everyone"
    yes: ClassVar = True


@frozen
class Deny(_Answer):
    """Refuse a request."""

    words: ClassVar = ("deny",)
    givers: ClassVar = "everyone"
    yes: ClassVar = False


@frozen
class AnswerCall(TableWord):
    """Answer a call, an email, an SMS or a ticket."""

    number: str = arg("word", "the event number of the message")
    text: str = arg("text", "the answer, to the end of the line")

    words: ClassVar = ("answer",)
    givers: ClassVar = "seats"

    def refusal(self, drill: Drill, by: Seated) -> str:
        valid = self.number.isascii() and self.number.isdigit() and int(self.number[:9]) < len(drill.events)
        if not valid or drill.events[int(self.number)].kind not in ANSWERABLE:
            return f"answer {self.number}: not the number of a call, an email, an SMS or a ticket"
        earlier = drill.table.answers.get(int(self.number))
        return f"{earlier.person} at {earlier.seat} has answered it" if earlier is not None else ""

    def act(self, drill: Drill, by: Seated) -> str:
        event = drill.events[int(self.number)]
        drill.table.answers[event.seq] = by
        drill.say("talk", _told(by), f"answers {event.source}: {self.text}", by.seat, to=by.seat)
        return f"answered {event.source}"


def _told(by: Seated) -> str:
    return f"{by.person} ({by.seat})"


def _open(drill: Drill, by: Seated) -> str:
    """The seat's open requests, as `; open: 2, 5`; empty if there are none."""
    waiting: list[Request] = drill.table.waiting(by.seat)
    return f"; open: {', '.join(str(one.number) for one in waiting)}" if waiting else ""
