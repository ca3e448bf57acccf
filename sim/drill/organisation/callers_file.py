"""Who calls, and who writes again what does not arrive (in the organisation's file)."""

from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.mail_routes_file import Permille
from sim.drill.organisation.sourced_numbers import Block, Count, Percent, Quantiles, WorkingHours, only_once
from sim.drill.organisation.staff_file import Role
from sim.kernel.document import DurationMs

ByHour = Annotated[tuple[Count, ...], Field(min_length=24, max_length=24)]


class Calls(Block):
    """Users without mail who call the helpdesk."""

    share_percent: Percent
    """Of the users who are without mail and have not been told."""
    after_minutes: Quantiles
    """From losing mail to calling."""
    again_permille: ByHour | None = None
    """Share of users still without mail and without word who call in each local hour, from 00:00."""
    links_permille: ByHour | None = None
    """Share of users without word who call in each local hour of a working day while links in emails do not
    open, since the gateway that checks them at the click is out of reach."""
    absent_permille: ByHour | None = None
    """Share of users without word who call in each local hour of a working day while mail from outside stays
    away from open mailboxes: some of those who wait for an answer. Of a share of it, so much less."""
    absent_after_ms: DurationMs = Field(default=0, alias="absent_after")
    """From when it begins to stay away to the first who miss it."""
    delayed_permille: Permille = 0
    """Of those to whom the gateway writes that their outbound mail is late: who ask the helpdesk about it."""
    returned_percent: Percent = 0
    """Of those who get outbound mail of theirs back on a day, refused for good: who call about it, once, as
    soon as others do, unless told since mail began to come back."""
    word_holds_ms: Annotated[DurationMs, Field(ge=1)] | None = Field(default=None, alias="word_holds")
    """How long one word keeps users from calling if it promises no next one; None: for good."""


Minutes = Annotated[tuple[Annotated[int, Field(ge=1, le=600)], ...], Field(min_length=1)]


class StakeholderRules(Block):
    """Executives, or partners: people who phone when they notice trouble and have no word that holds."""

    who: Literal["executives", "partners"]
    """What `notify` calls them."""
    names: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    """Who phones, fictional: name after name while nothing is said to them, the last one from then on."""
    mailboxes: Annotated[int, Field(ge=0, le=1000)] = 0
    """So many of the organisation's users they are; 0: they are outside."""
    phone: Role
    """Whose phone rings: the calls keep that person busy."""
    hours: WorkingHours
    """When they phone, in local time: `Mon-Fri 08:30-18:30`."""
    without_mailbox_minutes: Quantiles
    """To the first call from when one of their mailboxes was out of reach; of people outside, from when more
    than half of the users had no mail, so that nobody answered."""
    without_outside_minutes: Quantiles
    """To the first call from when mail from outside, or to it, began to fail or to be late."""
    returned_minutes: Quantiles | None = None
    """People outside: to the first call from when mail to the organisation began to come back, refused for
    good; what was said to them before says nothing of it. None: they do not phone about it."""
    returned_permille: Permille = 100
    """So much of the last half hour's mail from outside has to come back for them to be among those hit."""
    again_minutes: Annotated[Minutes, Field(min_length=2)]
    """From a call after which nothing was said to them to the next."""
    doubt_minutes: Quantiles
    """To a call from when a word no longer holds: it is older than it may be, what it named has passed, or it
    was wrong and they hear so from others."""
    word_holds_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="word_holds")
    """How old the last word may get that names no time."""
    call_minutes: Minutes
    """How long each call in a row keeps its answerer busy; the last number holds for the rest."""


def own_stakeholders(all_: tuple[StakeholderRules, ...]) -> tuple[StakeholderRules, ...]:
    """Raises ValueError if somebody stands there twice."""
    only_once("stakeholder", [one.who for one in all_])
    return all_


class Resending(Block):
    """Messages that are sent once more while the first one still waits: both arrive."""

    outbox_permille: Permille = 0
    """Of what stands in an Outbox, or in the mail server's outbound queue, when its writer gets into a
    continuity app: written again there."""
    outbox_told_permille: Permille = 0
    """The same of writers who were told not to send again (`notify users … advise=do-not-resend`)."""
    after_minutes: Quantiles = (0, 0)
    """From getting into the app to writing again."""
    notice_permille: Permille = 0
    """Of what a delay notice comes for, inside or outside: written again."""
    notice_told_permille: Permille = 0
    """The same of writers who were told."""
    partners_percent: Percent = 0
    """Share of the mail from outside whose writers a word to partners reaches."""
    after_dot_ms: Annotated[DurationMs, Field(ge=0, le=600_000)] = Field(default=0, alias="after_dot")
    """From the end of a message to the answer to it: whoever is gone by then has it, and gets it again."""


PLAIN_RESENDING = Resending(source="nothing said of it: nobody sends again", confidence="assumed")
