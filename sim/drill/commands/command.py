"""Commands, the only way in which people change the world.

A command is a frozen value with a one-line text form. Each type declares its words, its fields (see `arg`)
and its `Facts`: the role that gives it, the place, the hands-on time, the delay until it takes effect,
whether it can be undone, the protection that it removes, and its counterpart in the real product.
"""

from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sim.drill.commands.command_facts import Facts, Where
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen

if TYPE_CHECKING:
    from sim.drill.drill import Drill
    from sim.drill.organisation.house_rules import HouseRules
    from sim.drill.organisation.organisation import Organisation
    from sim.drill.room.approvals import Scope
    from sim.drill.room.decisions import DecisionTaken
    from sim.drill.room.work_given import Turn
OF_THE_GATEWAY = frozenset(
    {"alerts", "continuity", "permissions", "signin", "sms", "deliveries", "queue", "track"}
)
"""First words of the commands on the gateway's own services."""

NO_GATEWAY = "there is no gateway in front of the mail server here"

ArgKind = Literal["word", "choice", "duration", "text"]


def arg(
    kind: ArgKind,
    help: str,
    *,
    choices: tuple[str, ...] = (),
    offers: tuple[str, ...] = (),
    key: str = "",
    default: Any = ...,
    example: str = "8h",
    in_seconds: bool = False,
) -> Any:
    """A dataclass field of a command: positional without `key`, `key=value` with it.

    `choices`: the only words allowed; `offers`: words that completion proposes where any word is allowed. A
    field of kind `text` takes the rest of the line, so it must be the last field. `example`: the duration
    shown in the usage line; `in_seconds`: a number without a unit is in seconds, as in a zone's TTL.
    """
    metadata: dict[str, Any] = {"kind": kind, "help": help, "choices": choices, "key": key}
    metadata |= {"example": example, "in_seconds": in_seconds, "offers": offers}
    if default is ...:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@frozen
class TypedLine:
    """A line that people type: its first words, and fields made by `arg`."""

    words: ClassVar[tuple[str, ...]]


@frozen
class Command(TypedLine):
    """A command. Subclasses set `words` and `facts` and add fields made by `arg`."""

    facts: ClassVar[Facts]

    @classmethod
    def never_here(cls, organisation: "Organisation", rules: "HouseRules") -> str | None:
        """The reason why the organisation can never use a command of this type; None if it can."""
        return None

    @classmethod
    def not_here(cls, organisation: "Organisation", rules: "HouseRules") -> str | None:
        """Like `never_here`, but also covers commands on a gateway that the organisation does not have."""
        if cls.words[0] in OF_THE_GATEWAY and not organisation.behind_gateway:
            return NO_GATEWAY
        return cls.never_here(organisation, rules)

    def never_works(self, organisation: "Organisation", rules: "HouseRules") -> str | None:
        """The reason why the command can never be carried out with these arguments; None if it might be
        possible at some time.
        """
        return None

    def ruled_out(self, organisation: "Organisation", rules: "HouseRules") -> str | None:
        """The reason why the organisation can never carry out the command; None if it might at some time."""
        return self.not_here(organisation, rules) or self.never_works(organisation, rules)

    def refusal(self, drill: "Drill") -> str | None:
        """The reason why the command cannot be carried out now, in words; None if it can. Changes nothing."""
        return None

    def where(self, drill: "Drill") -> Where:
        """The place where the command is given in this drill."""
        return self.facts.where

    def by_anyone(self) -> bool:
        """True if anyone on duty may carry out the command; by default, as in its facts."""
        return self.facts.anyone

    def only_person(self, drill: "Drill") -> str:
        """The name of the only person who can carry out the command now, which takes no time; empty if the
        command goes to the person for its role.
        """
        return ""

    def hands_on_ms(self, drill: "Drill") -> int:
        """The command's hands-on time in this drill."""
        return self.usual_hands_on_ms(drill.scenario.rules)

    @classmethod
    def usual_hands_on_ms(cls, rules: "HouseRules") -> int:
        """The hands-on time of this type of command, from the house rules."""
        return rules.hands_on.minutes[" ".join(cls.words)] * MINUTE_MS

    @classmethod
    def minutes_missing(cls, rules: "HouseRules") -> str | None:
        """The reason why a drill recorded before this command existed cannot use it; None if it can."""
        words = " ".join(cls.words)
        if words in rules.hands_on.minutes:
            return None
        return f"the house rules of this drill predate `{words}`, and do not set its hands-on time"

    def opens(self) -> str:
        """The opening that this command makes; by default, as in its facts."""
        return self.facts.opens

    def closes(self) -> str:
        """The opening that this command closes; by default, as in its facts."""
        return self.facts.closes

    def needs_approval(self) -> "Scope | None":
        """The approval that this command needs; by default, as in its facts."""
        # not imported before the first paint, which does not need it
        from sim.drill.room.approvals import Scope

        return Scope(self.facts.needs_approval) if self.facts.needs_approval else None

    def opens_in(self, organisation: "Organisation") -> str:
        """The opening that this command makes in the given organisation."""
        return self.opens()

    def closes_in(self, organisation: "Organisation") -> str:
        """The opening that this command closes in the given organisation."""
        return self.closes()

    def needs_approval_in(self, organisation: "Organisation") -> "Scope | None":
        """The approval that this command needs in the given organisation."""
        return self.needs_approval()

    def decides(self) -> "DecisionTaken | None":
        """The decision that giving this command implies, to be judged by the house rules; None if it
        implies none.
        """
        return None

    def lead_ms(self, drill: "Drill", turn: "Turn") -> int:
        """Time from the end of the hands-on time until the command takes effect, in this turn."""
        return self.facts.lead_ms

    def hands_on_told_ms(self, drill: "Drill") -> int | None:
        """The command's hands-on time, if known in advance; None if unknown."""
        return self.hands_on_ms(drill)

    def lead_told_ms(self, drill: "Drill", turn: "Turn") -> int | None:
        """The command's lead time, if known in advance; None if unknown, as it always is for a time drawn
        at random.
        """
        lead_ms = self.lead_ms(drill, turn)
        return None if type(self).lead_ms is not Command.lead_ms and lead_ms > 0 else lead_ms

    def found(self, drill: "Drill", turn: "Turn") -> bool | None:
        """For a check that has just been carried out in `turn`: True if it found no fault.

        None: the command is not a check, or its result is not known at once.
        """
        return None

    @classmethod
    def verifies(cls) -> bool:
        """True if a plan can repeat the command until it finds no fault."""
        return cls.found is not Command.found

    def given(self, drill: "Drill", by: str, done_ms: int, effective_ms: int) -> None:
        """Called when the command has been given to the person named `by`, who finishes at `done_ms`; it
        takes effect at `effective_ms`.
        """

    @property
    def answered_by(self) -> str:
        """The role that is asked to answer the command's request later; empty if there is none."""
        return ""

    def taken_back(self, drill: "Drill") -> None:
        """Called if the command is cancelled or begins earlier: entries made by `given` no longer apply."""

    def act(self, drill: "Drill", turn: "Turn") -> str:
        """Carry out the command now, in `turn`; returns one line for the screen.

        Called only if `refusal` returned None.
        """
        raise TypeError(f"{type(self).__name__} has no effect")


@frozen
class Assignment:
    """The person, start and duration that a plan sets for a command, in place of those of the command's
    type.
    """

    role: str
    starts_ms: int
    takes_ms: int
    answers_ms: int | None = None
    """As in the command's `Turn`."""
    draws: int | None = None
    """As in the command's `Turn`."""
    approver: str = ""
    """As in the command's `Turn`."""
    person: str = ""
    """Id of the person with that role; empty: the first who can start."""
    unless: tuple[str, ...] = ()
    """Milestones; if one of them is known when the person would begin, the person does not begin."""
