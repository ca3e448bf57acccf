"""An hour of an exercise as a plot: lines that people type, what others see then, and what they may not see.

The same plot is played through the doors in one process (`tests/drills/test_table_hour.py`) and with real
browsers, `ssh` and `tmux` (`tests/drills/real/test_table_hour.py`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sim.drill.facilitation.inputs import AtTable
from sim.drill.session.session import Session

FACILITATOR = "facilitator"
PEOPLE = {"messaging": "Mona", "dns": "Dan", "security": "Sid", "comms": "Cora", "lead": "Lea"}
"""The players, in the order in which seats are listed; Sid comes by SSH, the others in browsers."""
BY_SSH = "security"
USERS = "60"

SCENARIO = """\
mxdrill: 1
like: gateway-down
id: zebra-week
title: The zebra gateway is severely disrupted
timeline:
  - { id: gateway-fails, at: T+5m, fault: gateway refuses, for: 14h, console: unreachable }
  - { id: walrus, at: T+6h, fault: mail-server is slow, for: 30m, per_message: 20s }
injects:
  - id: ocelot
    kind: call
    at: T+9h
    from: Olga Ocelot
    to: incident-lead
    text: The ocelot has left the building.
"""
"""A gateway that fails after five minutes, with words of the truth that are found nowhere else."""

TRUTH = ("zebra", "walrus", "ocelot", "quokka", "dodo", "gnu-live", "silence is a symptom", "live-1")
"""Words of the scenario's file, of the facilitator's notes and bookmarks, and of faults: for no seat."""
FOR_THE_FACILITATOR = ("walrus", "ocelot", "quokka", "dodo", "gnu-live", "4711")
"""Words that the facilitator has to see, or else the search for words proves nothing."""
BETWEEN = {"pelican": ("dns", "lead"), "4711": ("lead",), "fixed yet": ("lead",), "asks you to": (BY_SSH,)}
"""Words of talk, predictions, calls and requests, and the seats that may have them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of one person, or a direction for the stage."""

    minute: float
    """The moment (simulated) before which it is not given."""
    who: str
    line: str
    shows: tuple[tuple[str, str], ...] = ()
    """Seats whose screens then show those words."""
    number: str = ""
    """The pattern on the screen of `who` with the number that `{number}` in the line stands for."""
    refused: bool = False
    undone: bool = False
    """True if everyone goes back to a moment before it."""

    @property
    def typed(self) -> bool:
        """False for a direction."""
        return not self.line.startswith("[")


def everyone(words: str) -> tuple[tuple[str, str], ...]:
    """Every seat shows those words."""
    return tuple((seat, words) for seat in PEOPLE)


PLOT = (
    Step(0, FACILITATOR, "note - quokka is the real cause"),
    Step(0, FACILITATOR, "go", everyone("starts the clock")),
    Step(2, "lead", "tell all this is an exercise", everyone("this is an exercise")),
    Step(2, "lead", "tell dns pelican", (("dns", "pelican"),)),
    Step(7, "messaging", "probe mx all", (("messaging", "Nadia Rahman starts now"),)),
    Step(
        8, "lead", "approve outbound because=the gateway does not accept mail",
        (("lead", "Daniel Okafor starts now"),),
    ),
    Step(
        11.5, "messaging", "status check gateway-vendor",
        (*everyone("Very quiet today"), ("messaging", "status check gateway-vendor: Maja")),
    ),
    Step(
        14, "lead", "diagnose component=gateway failure=refuses",
        (("lead", "diagnose component=gateway failure=refuses: "), ("messaging", "connection refused")),
    ),
    Step(
        15, "comms", 'notify users via=email cause=gateway next=3h text="External mail is delayed."',
        (("comms", "Joana Castell starts now"),),
    ),
    Step(
        16, FACILITATOR, 'say as="Carla Chief" to=lead text="Is it fixed yet?"',
        (("lead", "Is it fixed yet?"),),
    ),
    Step(
        17, "lead", "answer {number} we are on it", (("lead", "answers Carla Chief"),),
        r"#(\d+) to lead: Is it fixed",
    ),
    Step(20, BY_SSH, "allow {number}", everyone("allows request 1"), r"Request (\d+) from"),
    Step(22, "messaging", "connector set outbound secondary", (("messaging", "propagation time unknown"),)),
    Step(24, FACILITATOR, "inject fire secure-portal", everyone("The insurer cannot open")),
    Step(24, FACILITATOR, "inject hold vendor-vague"),
    Step(25, FACILITATOR, "freeze How many messages wait?", everyone("How many messages wait?")),
    Step(25, "comms", "notify partners via=phone", (("comms", "the clock is stopped"),), refused=True),
    Step(25, "lead", "predict 4711 sure=60", (("lead", "4711, 60 % sure"),)),
    Step(25, "dns", "predict 12 sure=50", (("dns", "12, 50 % sure"),)),
    Step(25, FACILITATOR, "go"),
    Step(28, "lead", "ask dns ttl set mx 300", (("dns", "`allow 2`"),)),
    Step(29, "dns", "allow {number}", (("lead", "allows request 2"),), r"Request (\d+) from"),
    Step(30, "comms", "[leaves and comes back in the middle of] notify executives via=phone"),
    Step(30, "comms", " cause=gateway text=The provider is down.", (("comms", "Joana Castell starts now"),)),
    Step(34, FACILITATOR, "bookmark dodo"),
    Step(
        36, "lead", "decide mx yes because=no estimate", (("lead", "no estimate: Daniel"),), undone=True,
    ),
    Step(38, FACILITATOR, "rewind dodo", everyone("we have gone back to"), undone=True),
    Step(34, FACILITATOR, "go"),
    Step(36, "lead", "decide mx no because=the vendor is quick", (("lead", "quick: Daniel Okafor"),)),
    Step(38, "dns", "tell messaging flamingo", (("messaging", "flamingo"),)),
    Step(39, "", "[the server is killed, and comes back]", everyone("the exercise has been resumed")),
    Step(39, FACILITATOR, "go"),
    Step(
        40, "lead", "approve exposure because=the server has to accept mail of the backup",
        (("lead", "approve exposure emergency=no"),),
    ),
    Step(41, FACILITATOR, "fault lengthen gateway-fails by=4h"),
    Step(41, FACILITATOR, "fault insert mail-server slow for=1h per=20s"),
    Step(41, FACILITATOR, "truth"),
    Step(41, FACILITATOR, "script"),
    Step(41, FACILITATOR, "note users-told gnu-live was late"),
    Step(42, "messaging", "tell all the backup is ready", everyone("the backup is ready")),
    Step(
        54, BY_SSH, "deny {number} because=the outage is short", everyone("denies request 3"),
        r"Request (3) from",  # request 1 was also shown above the line that answered it
    ),
    Step(60, FACILITATOR, "endex", everyone("ENDEX")),
)  # fmt: skip


class Stage(Protocol):
    """The people, the doors and the server, real or in one process."""

    async def reach(self, minute: float) -> None:
        """Have the clock reach that moment."""

    async def type(self, who: str, text: str, *, enter: bool = True) -> None:
        """Type a line."""

    async def shows(self, seat: str, words: str) -> None:
        """Wait until the seat's screen shows the words, painted since the clock reached the step."""

    async def number(self, seat: str, pattern: str) -> str:
        """The number on the seat's screen."""

    async def come_back(self, seat: str) -> None:
        """The client of the seat goes without a word, and another connection of it comes."""

    async def kill_and_resume(self) -> None:
        """Kill the server, continue the exercise, and have everyone back."""


async def play(stage: Stage) -> None:
    """The whole plot."""
    for step in PLOT:
        await stage.reach(step.minute)
        if step.typed:
            number = await stage.number(step.who, step.number) if step.number else ""
            await stage.type(step.who, step.line.replace("{number}", number))
        elif step.who:
            half = step.line.partition("] ")[2]
            await stage.type(step.who, half, enter=False)
            await stage.shows(step.who, half)
            await stage.come_back(step.who)
            await stage.shows(step.who, half)
        else:
            await stage.kill_and_resume()
        for seat, words in step.shows:
            await stage.shows(seat, words)


def check_history(journal: Path, ended: Session | None = None) -> Session:
    """The journal's replay has its digests, and holds each line that was accepted once, in order."""
    session = Session.replay(journal)  # every digest that was recorded is compared
    if ended is not None:
        assert session.digest() == ended.digest()
    given = [
        (one.by.seat, one.by.person, first_words(one.text))
        for _t_ms, one in session.inputs
        if isinstance(one, AtTable) and not one.text.startswith(("sit", "freeze", "speed"))
    ]
    assert given == list(_accepted())
    assert session.ended
    assert [one.number for one in session.drill.table.predictions] == ["4711", "12"]
    assert [one.answer for one in session.drill.table.requests] == [True, True, False]
    assert session.drill.table.observations[0].text == "quokka is the real cause"
    assert "mx.decided" in session.drill.milestones
    return session


def _accepted() -> Iterator[tuple[str, str, str]]:
    half = ""
    for step in PLOT:
        if not step.typed:
            half = step.line.partition("] ")[2]
            continue
        line, half = half + step.line, ""
        if step.refused or step.undone or step.line.startswith("freeze"):
            continue
        if line in {"truth", "script"}:
            continue
        yield step.who, PEOPLE.get(step.who, "Fay"), first_words(line)
        if step.line.startswith("allow") and "ttl" in _asked(step):
            yield step.who, PEOPLE[step.who], "ttl set"


def _asked(answer: Step) -> str:
    """The last request before that answer."""
    before = PLOT[: PLOT.index(answer)]
    return next(one.line for one in reversed(before) if one.line.startswith(("ask", "approve")))


def first_words(text: str) -> str:
    """The two first words of a line, without the number of an answer."""
    words = text.split()[:2]
    return words[0] if words[0] in {"answer", "allow", "deny"} else " ".join(words)


def leaks(seat: str, painted: bytes) -> list[str]:
    """Words among the bytes of a seat that it must not have."""
    text = without_codes(painted).lower()
    closed = [word for word, may in BETWEEN.items() if seat not in may]
    return [word for word in (*TRUTH, *closed) if word in text]


def without_codes(painted: bytes) -> str:
    """Painted bytes without escape sequences."""
    return re.sub(r"\x1b\[[0-9;?<]*[A-Za-z]", "", painted.decode("utf-8", "replace"))


def check_leaks(got: Mapping[str, bytes], facilitator: Sequence[str]) -> None:
    """No seat got a word that is not for it; the facilitator, whose screen shows the truth, got them."""
    shown = "\n".join(facilitator).lower()
    assert [
        word for word in ("walrus", "ocelot", "quokka", "dodo", "gnu-live", "4711") if word not in shown
    ] == []
    assert set(got) >= set(PEOPLE)
    found = {seat: words for seat, data in got.items() if (words := leaks(seat, data))}
    assert not found, found
    assert all(b"this is an exercise" in got[seat] for seat in PEOPLE)
