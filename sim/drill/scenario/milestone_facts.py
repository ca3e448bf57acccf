"""The facts about a milestone that objectives, lint, judging and the debrief use."""

from typing import Literal

from sim.kernel.frozen import frozen

Sign = Literal["anything", "an alert", "a queue", "inbound", "outbound", "what was done before"]
"""The sign from which a trainee can see that a milestone is needed."""


@frozen
class MilestoneFacts:
    """Everything about a milestone but its name."""

    marks: str
    """The moment, in words."""
    in_words: str = ""
    """The moment in deadlines, such as `the onset`; empty: its name is used."""
    sign: Sign | None = None
    """The sign that it is needed; None: it does not depend on people, or its sign depends on the
    organisation.
    """
    after: str = ""
    """The milestone that comes before it; its commands make sense only after that."""
    tried: tuple[str, ...] = ()
    """Commands, each of which reaches it unless the organisation rules the command out; none: it follows from
    earlier commands.
    """
    brought_by: tuple[str, ...] = ()
    """Beginnings of all commands that reach it, the most likely first; none: it is reached by itself."""
    tells: str = ""
    """The audience that is first notified."""
    approves: str = ""
    """The subject of the approval."""
    decides: str = ""
    """The matter on which a decision is recorded."""
    wants_decided: str = ""
    """The matter that has to be decided in time where an objective asks for it."""
    of_the_outage: bool = False
    """True if it counts only from the onset: earlier statements and decisions are about something else."""
    tells_truth: bool = False
    """True if it must stay hidden from the trainee."""
    shown_by: Literal["", "gateway console", "gateway figures"] = ""
    """The only place that shows it: the gateway's console if its figures are newer than the milestone, or
    if it was set from there.
    """
    turning_point: bool = False
    """True if it appears on the debrief's timeline."""
