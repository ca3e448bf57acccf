"""Lines in a player's own words: proposed to the facilitator as commands, confirmed, edited or declined."""

from typing import ClassVar

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.meanings import meant
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import FACILITATOR, Request, Seated
from sim.kernel.frozen import frozen


def open_wish(drill: Drill, number: str) -> Request | None:
    """The open request with that number, made in a player's own words."""
    asked = drill.table.numbered(number)
    return asked if asked is not None and asked.own_words and asked.answer is None else None


@frozen
class InOwnWords(TableWord):
    """Say in your own words what you want to do; the facilitator turns it into a command."""

    text: str = arg("text", "what you want to do, to the end of the line")

    words: ClassVar = ("want",)
    givers: ClassVar = "seats"

    def act(self, drill: Drill, by: Seated) -> str:
        scenario = drill.scenario
        asked = drill.table.ask(
            drill.now_ms,
            by.seat,
            FACILITATOR,
            self.text,
            lambda *answer: None,
            own_words=True,
            proposals=meant(self.text, scenario.organisation, scenario.rules),
        )
        number = asked.number
        offers = [
            f"`confirm {number}{f' {n}' if n > 1 else ''}`: {one}" for n, one in enumerate(asked.proposals, 1)
        ]
        offers.append(f"`confirm {number} LINE`: a different command; `deny {number} REASON`: refusal")
        told = f"wants: {self.text} ({'; '.join(offers)})"
        drill.say("observation", f"{by.person} ({by.seat})", told, "own words")
        return f"request {number}: the facilitator turns your words into a command"


@frozen
class Confirm(TableWord):
    """Carry out a request in a player's own words, as the proposed command or another line of that seat."""

    number: str = arg("word", "the number of the request")
    line: str = arg(
        "text", "the number of a proposal, or another line; default: the first proposal", default=""
    )

    words: ClassVar = ("confirm",)
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        asked = open_wish(drill, self.number)
        if asked is None:
            waiting = [str(one.number) for one in drill.table.requests if open_wish(drill, str(one.number))]
            return f"confirm {self.number}: no such request; open: {', '.join(waiting) or 'none'}"
        if not self.line:
            return f"nothing is proposed for request {self.number}; write `confirm {self.number} LINE`"
        return "" if asked.by in drill.table.people else f"the seat {asked.by} is empty; take it first"

    def act(self, drill: Drill, by: Seated) -> str:
        asked = open_wish(drill, self.number)
        assert asked is not None  # otherwise it would have been refused
        asked.answer = True
        told = f"request {asked.number}: “{asked.text}” is `{self.line}`"
        drill.say("talk", by.person, told, by.seat, to=asked.by)
        return f"request {asked.number}: {asked.by} gives `{self.line}`"
