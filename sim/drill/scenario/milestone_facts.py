"""The facts about a milestone that objectives, lint, judgements and the debrief use."""

from typing import Literal

from sim.kernel.frozen import frozen

Sign = Literal["anything", "an alert", "a queue", "inbound", "outbound", "what was done before"]
"""The sign that tells a trainee that a milestone is needed."""


@frozen
class MilestoneFacts:
    """All facts about a milestone except its name."""

    marks: str
    """The moment that the milestone marks, in words."""
    in_words: str = ""
    """The name of the moment in deadlines, such as `the onset`; empty if the milestone's name is used."""
    sign: Sign | None = None
    """The sign that the milestone is needed; None if it does not depend on people, or if its sign depends
    on the organisation.
    """
    after: str = ""
    """The milestone that has to come before this one: the commands that reach this one make sense only
    after it.
    """
    tried: tuple[str, ...] = ()
    """Commands, each of which reaches the milestone unless the organisation rules the command out; empty
    if the milestone follows from earlier commands.
    """
    brought_by: tuple[str, ...] = ()
    """First words of all commands that reach the milestone, the most likely first; empty if no command is
    needed.
    """
    tells: str = ""
    """The audience that is notified for the first time."""
    approves: str = ""
    """The subject whose approval the milestone records."""
    decides: str = ""
    """The matter on which a decision is recorded."""
    wants_decided: str = ""
    """The matter that has to be decided in time where an objective asks for it."""
    of_the_outage: bool = False
    """True if the milestone counts only from the onset, because earlier statements and decisions are about
    something else.
    """
    tells_truth: bool = False
    """True if the milestone must stay hidden from the trainee."""
    shown_by: Literal["", "gateway console", "gateway figures"] = ""
    """The only place that shows the milestone: the gateway's console, if its figures are newer than the
    milestone or if the change was made there.
    """
    turning_point: bool = False
    """True if the milestone appears on the debrief's timeline."""
