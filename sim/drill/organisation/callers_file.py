"""People who call, and people who write mail again that does not arrive (in the organisation's file)."""

from typing import Annotated, Literal

from pydantic import Field

from sim.drill.organisation.mail_routes_file import Permille
from sim.drill.organisation.sourced_numbers import Block, Count, Percent, Quantiles, WorkingHours, only_once
from sim.drill.organisation.staff_file import Role
from sim.kernel.document import DurationMs
from sim.kernel.duration import MINUTE_MS
from sim.mail.users.patience import LONGEST_PATIENCE_MS

ByHour = Annotated[tuple[Count, ...], Field(min_length=24, max_length=24)]


MOST_PATIENT_MINUTES = LONGEST_PATIENCE_MS // MINUTE_MS
Patience = Annotated[tuple[Annotated[int, Field(ge=1, le=MOST_PATIENT_MINUTES)], ...], Field(min_length=2)]
"""Equally spaced quantiles, ascending, of the time after which a message is missed, minutes."""


class Calls(Block):
    """Users without mail who call the helpdesk."""

    share_percent: Percent
    """Share of users who are without mail and have not been notified."""
    after_minutes: Quantiles
    """From losing mail to calling."""
    again_permille: ByHour | None = None
    """Share of users without mail and without an update who call in each local hour, from 00:00."""
    links_permille: ByHour | None = None
    """Share of users without an update who call in each local hour of a working day while links in emails do
    not open, because the gateway that checks them is unreachable.
    """
    absent_permille: ByHour | None = None
    """Share of users without an update who call in each local hour of a working day while mail from outside
    does not reach working mailboxes: some of those waiting for an answer. Proportionally less if only a share
    of the mail that they would miss by then is late.
    """
    missed_after_minutes: Patience = (15, 60, 120, 180, 240)
    """Time after which people who wait for a message miss it."""
    turned_away_percent: Percent = 0
    """Share of the users who try to get into continuity, as they were told, and are not let in who call about
    it. Updates do not keep them from calling again.
    """
    turned_away_minutes: Quantiles = (0, 0)
    """From trying to calling."""
    informed_percent: Percent = 0
    """Share of their calls that users make in spite of an update that still holds."""
    delayed_permille: Permille = 0
    """Share of users with a delay notice from the gateway who ask the helpdesk about it."""
    returned_percent: Percent = 0
    """Share of users whose outbound mail is permanently rejected on a day who call about it, once, as soon as
    others do, unless notified since the rejections began.
    """
    word_holds_ms: Annotated[DurationMs, Field(ge=1)] | None = Field(default=None, alias="word_holds")
    """How long an update keeps users from calling if it promises no next one; None: for the whole outage."""


Minutes = Annotated[tuple[Annotated[int, Field(ge=1, le=600)], ...], Field(min_length=1)]


class StakeholderRules(Block):
    """Executives or partners: people who call when they notice trouble and have no current update."""

    who: Literal["executives", "partners"]
    """Their audience in `notify`."""
    names: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    """Names of callers, fictional: each call without an update since comes from the next; after the last
    name, from that one.
    """
    mailboxes: Annotated[int, Field(ge=0, le=1000)] = 0
    """Number of the organisation's users among them; 0: they are outside."""
    phone: Role
    """The role that answers the calls, which keep that person busy."""
    hours: WorkingHours
    """Hours in which they call, in local time: `Mon-Fri 08:30-18:30`."""
    without_mailbox_minutes: Quantiles
    """Time to the first call after one of their mailboxes became unreachable; for people outside, after more
    than half of the users had no mail and did not answer.
    """
    without_outside_minutes: Quantiles
    """Time to the first call after mail from or to the outside began to fail or to be late."""
    returned_minutes: Quantiles | None = None
    """For people outside: time to the first call after their mail to the organisation began to be permanently
    rejected; earlier updates do not cover it. None: they do not call about it.
    """
    returned_permille: Permille = 100
    """Share of the last half hour's mail from outside that must bounce before they are affected."""
    missed_after_minutes: Patience = (15, 30, 60)
    """Time after which they miss a message from or to the outside."""
    waits_for: Annotated[int, Field(ge=1, le=100)] = 6
    """Number of messages that they wait for at a time: they notice late mail if one of these is late."""
    again_minutes: Annotated[Minutes, Field(min_length=2)]
    """From a call that was not followed by an update to the next call."""
    doubt_minutes: Quantiles
    """Time to a call after an update expires: it is too old, a time it named has passed, or it was wrong and
    they hear that from others.
    """
    word_holds_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="word_holds")
    """Maximum age of an update that names no time."""
    call_minutes: Minutes
    """How long each call in a row keeps the person who answers busy; the last number applies to all later
    calls.
    """


def own_stakeholders(all_: tuple[StakeholderRules, ...]) -> tuple[StakeholderRules, ...]:
    """Raises ValueError if a person is listed twice."""
    only_once("stakeholder", [one.who for one in all_])
    return all_


class Resending(Block):
    """Messages that are sent again while the first copy is still queued: both arrive."""

    outbox_permille: Permille = 0
    """Share of mail in an Outbox, or in the mail server's outbound queue, that its writer writes again on
    getting into a continuity app.
    """
    outbox_told_permille: Permille = 0
    """As above, for writers who were advised not to resend (`notify users … advise=do-not-resend`)."""
    after_minutes: Quantiles = (0, 0)
    """From getting into the app to writing again."""
    notice_permille: Permille = 0
    """Share of mail with a delay notice, inside or outside, that is written again."""
    notice_told_permille: Permille = 0
    """As above, for writers who were notified."""
    partners_percent: Percent = 0
    """Share of mail from outside whose writers are reached by an update to partners."""
    after_dot_ms: Annotated[DurationMs, Field(ge=0, le=600_000)] = Field(default=0, alias="after_dot")
    """From the end of a message to the reply: a sender that disconnects before it has delivered the message,
    and sends it again.
    """


PLAIN_RESENDING = Resending(source="not given: no message is sent again", confidence="assumed")
