"""Facts about a type of command: its role, place, delay, undo, exposure, and the form in the real product."""

from dataclasses import dataclass
from typing import Literal

from sim.kernel.frozen import frozen

Where = Literal[
    "gateway console",
    "continuity portal",
    "phone",
    "incident room",
    "Exchange shell",
    "DNS host",
    "firewall console",
    "backup portal",
    "status page",
    "outside network",
]


@frozen
class InYourProduct:
    """The command's counterpart in the real product."""

    path: str
    """Console path or cmdlet."""
    who: str
    how_long: str
    simplified: str
    """How the simulated command differs from the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Properties shared by all commands of a type. The defaults suit a command that only reads."""

    role: str
    """Staff role that carries out the command; the house rules give the hands-on time."""
    where: Where
    product: InYourProduct
    anyone: bool = False
    """True if anyone on duty may carry the command out: a person with `role` if one is free, otherwise any
    free colleague.
    """
    anyone_for: str = ""
    """The arguments with which anyone on duty may carry out the command, in words; only if `by_anyone`
    depends on the arguments.
    """
    elsewhere: str = ""
    """The other places where the command is given, with the arguments for each, in words; only if `where`
    depends on the arguments.
    """
    result: Literal["done", "report", "note"] = "done"
    """The kind of event that reports the command's result: `report` for a check, `note` for a note."""
    lead_ms: int = 0
    """Time from the end of the hands-on time until the command takes effect."""
    lead_is: str = "propagation time"
    """Name of this delay; only if its length is not known in advance."""
    undo: str = "not needed"
    """The command that undoes this one, or `no`, or `not needed`."""
    exposes: str = "nothing"
    """The protection that is lost, or `nothing`."""
    needs_approval: str = ""
    """The approval that the command needs, one of `approvals.SUBJECTS`; empty if it needs none."""
    opens: str = ""
    """The opening (a change that lets mail or people in with less protection) that the command makes, one
    of `openings_register.KINDS`; it is entered in the register automatically.
    """
    closes: str = ""
    """The opening that the command closes, also one of `openings_register.KINDS`."""

    @property
    def given_by(self) -> str:
        """The person who carries out the command, in words."""
        if self.anyone_for:
            return f"{self.role}; for {self.anyone_for}, also anyone who is free"
        return f"{self.role}, or anyone who is free" if self.anyone else self.role

    @property
    def given_at(self) -> str:
        """The places where the command is given, in words."""
        return f"{self.where}; {self.elsewhere}" if self.elsewhere else self.where
