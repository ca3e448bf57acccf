"""A figure that an objective asks for, as a scenario's file describes it; and how near a play came. Pure."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from sim.kernel.document import Record

MEASURES = {
    "promises-kept-percent": "next words that came when they had been promised, in percent; 100 if "
    "people were told something and promised nothing",
    "false-statements": "things said that were not true, and that email was back before anybody here "
    "could know",
    "wrong-diagnoses": "different things stated to be broken that were not",
    "words-that-reached-nobody": "statements over a channel that was down",
    "longest-silence-min": "longest time by day without a word to users, from the first alert (without one, "
    "the onset) until they are told that email is back, minutes begun",
    "executives-silence-min": "the same for the executives",
    "continuity-covered-percent": "share of users' hours without mailboxes, from the first event, or from "
    "when one had to be running if that was sooner, to the return, in which one was in force for them, in "
    "percent; of everybody's hours where nobody was without and mail was late",
    "users-able-after-min": "minutes from the first alert (without one, a quarter of an hour after the "
    "onset) until enough of those without mail whom a word can reach (house rule: 95 %) could read and send, "
    "and had been told",
    "bounced": "inbound messages that the gateway returned, when their time was up or by hand",
    "returned-by-senders": "inbound messages that those who sent them gave up",
    "rejected": "messages refused for good: own goals",
    "late-or-returned-permille": "inbound messages of no use any more when they came, those that came back "
    "to their senders, and those never sent in the outage after a refusal for good, per thousand written "
    "in the outage, rounded up",
    "put-aside-permille": "inbound messages that lie in quarantine or junk, per thousand written in the "
    "outage, rounded up",
    "duplicates-permille": "messages that came twice, per thousand written in the outage in the directions "
    "hit, rounded up",
    "left-waiting": "messages to the outside and between colleagues that were written long before the end "
    "(house rule: 1 h) and have come nowhere, neither there nor back",
    "outbound-lost-again-min": "minutes in which outbound mail had no way, after it had had one again: the "
    "connector led where nothing was taken",
    "written-again-permille": "what users wrote again of their own mail that waited, once a word to them was "
    "due, per thousand of what they could have, rounded up",
    "unfiltered": "messages that went round the filter",
    "backscatter": "returns to strangers by a backup that did not know the recipients",
    "unsigned-outbound": "outbound messages that left by a way on which DMARC fails",
    "exposed-min": "minutes in which unfiltered mail could get in without an approval in force of what let "
    "it in",
    "open-unapproved-min": "minutes in which lock, firewall or filter rule stood open without an approval in "
    "force",
    "unapproved": "things done in an emergency without the approval they needed, although nobody had seen "
    "one, or somebody could answer and had not been asked long enough before (house rule: 15 min)",
    "openings-unproven": "openings on the register that nobody has proven closed",
    "openings-late-h": "hours begun after the way back until the last opening was proven closed; of a lock, "
    "after the last stale DNS answers",
    "sound-decisions-percent": "decisions that were right by what was known when they were taken, in percent "
    "of those taken, each once, and of those that were due and not taken in time",
    "needless-actions": "pauses and longer retentions for which nothing spoke that was known then",
    "drain-behind-min": "minutes that the backlog took beyond what the mail server needs for it at its pace",
    "calls": "calls to the helpdesk",
    "executive-calls": "calls of executives who had no word that held",
    "partner-calls": "calls of partners who had no word that held",
}
"""Every figure's name and what it counts; each is of the whole drill, at its end."""

LABELS = {
    "promises-kept-percent": "promised next words that came in time: {} %",
    "false-statements": "things said that were not true: {}",
    "wrong-diagnoses": "wrong things stated to be broken: {}",
    "words-that-reached-nobody": "statements over a channel that was down: {}",
    "longest-silence-min": "longest time by day without a word to users: {} min",
    "executives-silence-min": "longest time by day without a word to executives: {} min",
    "continuity-covered-percent": "hours without mailboxes covered by continuity: {} %",
    "users-able-after-min": "users able to read and send after {} min",
    "bounced": "inbound messages returned by the gateway: {}",
    "returned-by-senders": "inbound messages given up by their senders: {}",
    "rejected": "messages refused for good: {}",
    "late-or-returned-permille": "inbound mail late or returned, for each 1,000 of the outage: {}",
    "put-aside-permille": "inbound mail in quarantine or junk, for each 1,000 of the outage: {}",
    "duplicates-permille": "came twice, for each 1,000 of the outage: {}",
    "left-waiting": "messages of users left waiting at the end: {}",
    "outbound-lost-again-min": "outbound without a way again: {} min",
    "written-again-permille": "written again while it waited, of 1,000 messages: {}",
    "unfiltered": "messages that went round the filter: {}",
    "backscatter": "returns to strangers: {}",
    "unsigned-outbound": "outbound messages on which DMARC fails: {}",
    "exposed-min": "open to unfiltered mail, not approved: {} min",
    "open-unapproved-min": "lock, firewall or filter rule open, not approved: {} min",
    "unapproved": "things done without waiting for approval: {}",
    "openings-unproven": "openings that nobody has proven closed: {}",
    "openings-late-h": "last opening proven closed, after the way back: {} h",
    "sound-decisions-percent": "decisions right by what was known: {} %",
    "needless-actions": "needless pauses and longer retentions: {}",
    "drain-behind-min": "backlog behind the mail server's own pace: {} min",
    "calls": "calls to the helpdesk: {}",
    "executive-calls": "calls of executives who had no word: {}",
    "partner-calls": "calls of partners who had no word: {}",
}
"""The same in the words that trainees read; `{}`: a number, or the limit of it, before its unit."""

ONLY_GROW = frozenset(
    {
        "words-that-reached-nobody",
        "bounced",
        "returned-by-senders",
        "rejected",
        "unfiltered",
        "backscatter",
        "unsigned-outbound",
        "exposed-min",
        "open-unapproved-min",
        "unapproved",
        "calls",
        "executive-calls",
        "partner-calls",
    }
)
"""Figures that never get smaller: too many now is too many at the end."""


def _measure(name: str) -> str:
    if name in MEASURES:
        return name
    near = get_close_matches(name, MEASURES, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(MEASURES)}"
    raise ValueError(f"there is no figure {name!r}; {hint}")


class Target(Record):
    """A figure and how large it may be, or must be."""

    measure: Annotated[
        str, AfterValidator(_measure), WithJsonSchema({"type": "string", "enum": list(MEASURES)})
    ]
    """Which figure."""
    at_most: Annotated[int, Field(ge=0)] | None = None
    """Met if it is no more than this."""
    at_least: Annotated[int, Field(ge=0)] | None = None
    """Met if it is no less than this."""
    failed_beyond: Annotated[int, Field(ge=0)] | None = None
    """Failed if it is worse than this; without it, failed if it is not met."""

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("has not one of `at_most` and `at_least`; write one of them")
        bound = self.failed_beyond
        if bound is not None and (
            bound < (self.at_most or 0) if self.at_least is None else bound > self.at_least
        ):
            raise ValueError("`failed_beyond` lies within what is met; write a worse figure")
        return self


@dataclass(frozen=True, slots=True)
class Reached:
    """How a figure compares with its target."""

    state: Literal["met", "missed", "failed"]
    text: str
    """In words: `things said that were not true: 2 (at most 0)`."""


def compare(target: Target, value: int) -> Reached:
    """What `value` of the target's figure comes to."""
    bound = target.at_most if target.at_least is None else target.at_least
    assert bound is not None
    worse_by = (value - bound) if target.at_least is None else (bound - value)
    asked = "at most" if target.at_least is None else "at least"
    text = f"{LABELS[target.measure].format(f'{value:,}')} ({asked} {bound:,})"
    if worse_by <= 0:
        return Reached("met", text)
    limit = bound if target.failed_beyond is None else target.failed_beyond
    beyond = (value - limit) if target.at_least is None else (limit - value)
    return Reached("failed" if beyond > 0 else "missed", text)


def asked_of(target: Target) -> str:
    """What is asked, in words: `promised next words that came in time: at least 90 %`."""
    limit = f"at most {target.at_most:,}" if target.at_least is None else f"at least {target.at_least:,}"
    return LABELS[target.measure].format(limit)
