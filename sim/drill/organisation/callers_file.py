"""People who call, and people who send a message again if it does not arrive (in the organisation's file)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sim.drill.organisation.mail_routes_file import Permille
from sim.drill.organisation.sourced_numbers import Block, Count, Percent, Quantiles, WorkingHours, only_once
from sim.drill.organisation.staff_file import Role
from sim.kernel.document import DurationMs
from sim.kernel.duration import MINUTE_MS
from sim.mail.users.patience import LONGEST_PATIENCE_MS

ByHour = Annotated[tuple[Count, ...], Field(min_length=24, max_length=24)]


MOST_PATIENT_MINUTES = LONGEST_PATIENCE_MS // MINUTE_MS
Patience = Annotated[tuple[Annotated[int, Field(ge=1, le=MOST_PATIENT_MINUTES)], ...], Field(min_length=2)]
"""Time until a missing message is noticed, in minutes, as equally spaced quantiles, ascending."""


def _around(band: tuple[int, ...]) -> tuple[int, ...]:
    if not band[0] <= 100 <= band[1]:
        raise ValueError("the band does not include 100 %; write a lower and a higher percentage: [50, 200]")
    return band


class Calls(Block):
    """Users without mail who call the helpdesk."""

    share_percent: Percent
    """Share of callers among the users who are without mail and have not been notified."""
    after_minutes: Quantiles
    """Time between losing mail and calling."""
    again_permille: ByHour | None = None
    """Share of users without mail and without an update who call in each local hour, starting at 00:00."""
    links_permille: ByHour | None = None
    """Share of users who were sent no update and call, for each local hour of a working day, while links in
    emails do not open because the gateway that checks them is unreachable.
    """
    absent_permille: ByHour | None = None
    """Share of users without an update who call in each local hour of a working day because mail from
    outside does not arrive although their mailboxes work. The callers are people waiting for an answer.
    The share is proportionally smaller if only part of the mail that they would miss by then is late.
    """
    missed_after_minutes: Patience = (15, 60, 120, 180, 240)
    """Time until people notice that a message they expect is missing."""
    turned_away_percent: Percent = 0
    """Share of callers among the users who try to sign in to continuity after an update and fail.
    Updates do not keep them from calling again.
    """
    turned_away_minutes: Quantiles = (0, 0)
    """Time between the sign-in attempt and the call."""
    informed_percent: Percent = 0
    """Share of the usual calls that are made even though an update is valid."""
    band_percent: Annotated[
        tuple[Annotated[int, Field(ge=1, le=1000)], ...],
        Field(min_length=2, max_length=2),
        AfterValidator(_around),
    ] = (50, 200)
    """Lowest and highest plausible shares of callers, as percentages of the shares given here. The number
    of calls is proportional to the share, because a call does not affect later calls.
    """
    delayed_permille: Permille = 0
    """Share of users who, after a delay notice from the gateway, ask the helpdesk about it."""
    returned_percent: Percent = 0
    """Share of users who call because their outbound mail was permanently rejected that day. Each user calls
    once, and does not call if notified since the rejections began.
    """
    word_holds_ms: Annotated[DurationMs, Field(ge=1)] | None = Field(default=None, alias="word_holds")
    """How long an update without a promised next update keeps users from calling. If unset, for the whole
    outage.
    """


Minutes = Annotated[tuple[Annotated[int, Field(ge=1, le=600)], ...], Field(min_length=1)]


class StakeholderRules(Block):
    """Executives or partners, who call when they notice trouble and have no current update."""

    who: Literal["executives", "partners"]
    """The group's name as an audience of `notify`."""
    names: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    """Names of the callers (fictional). Each further call without an update in between comes from the next
    name on the list; after that the last name repeats.
    """
    mailboxes: Annotated[int, Field(ge=0, le=1000)] = 0
    """Number of these people who are users of the organisation; 0: they are all outside."""
    phone: Role
    """The role that answers these calls. A call keeps that person busy."""
    hours: WorkingHours
    """Hours in which they call, local time: `Mon-Fri 08:30-18:30`."""
    without_mailbox_minutes: Quantiles
    """Time to the first call after one of their mailboxes became unreachable. For people outside, time to the
    first call once more than half of the users had no mail and did not answer.
    """
    without_outside_minutes: Quantiles
    """Time to the first call after mail to or from outside began to fail or to arrive late."""
    returned_minutes: Quantiles | None = None
    """People outside only: time to the first call after their mail to the organisation began to be
    permanently rejected. Earlier updates do not prevent this call. If unset, no one calls about
    rejections.
    """
    returned_permille: Permille = 100
    """Share of mail from outside in the last half hour that must bounce before they notice."""
    missed_after_minutes: Patience = (15, 30, 60)
    """Time after which they notice that a message from or to the outside is missing."""
    waits_for: Annotated[int, Field(ge=1, le=100)] = 6
    """Number of messages that each of these callers waits for at a time. Callers notice late mail if one
    of these messages is late.
    """
    again_minutes: Annotated[Minutes, Field(min_length=2)]
    """Time to the next call if a call is not followed by an update."""
    doubt_minutes: Quantiles
    """Time to a call after an update has expired. An update expires when it is too old, when a time given
    in it has passed, or when it was wrong and they learn this from others.
    """
    word_holds_ms: Annotated[DurationMs, Field(ge=1)] = Field(alias="word_holds")
    """How long an update lasts if it gives no time."""
    call_minutes: Minutes
    """How long each call keeps the person who answers busy: the first call, the second, and so on. The last
    number applies to all later calls.
    """


def own_stakeholders(all_: tuple[StakeholderRules, ...]) -> tuple[StakeholderRules, ...]:
    """Raises ValueError if a person is listed twice."""
    only_once("stakeholder", [one.who for one in all_])
    return all_


class Resending(Block):
    """Messages that are sent again while the first copy is still queued: both arrive."""

    outbox_permille: Permille = 0
    """Share of messages in an Outbox or in the mail server's outbound queue that their senders send again
    once they can use a continuity app.
    """
    outbox_told_permille: Permille = 0
    """Share of such messages that are sent again by senders who were advised not to resend (`notify users
    … advise=do-not-resend`).
    """
    after_minutes: Quantiles = (0, 0)
    """Time between getting into the app and sending the message again."""
    notice_permille: Permille = 0
    """Share of delayed messages that their senders, inside or outside, send again after a delay notice."""
    notice_told_permille: Permille = 0
    """Share of delayed messages that are sent again after a delay notice by senders who were advised not
    to resend.
    """
    partners_percent: Percent = 0
    """Share of mail from outside whose senders receive an update to partners."""
    after_dot_ms: Annotated[DurationMs, Field(ge=0, le=600_000)] = Field(default=0, alias="after_dot")
    """Time between the end of a message's transfer and the server's reply. If the server fails during this
    time, it has the message, but the sender does not get the reply and sends the message again.
    """


PLAIN_RESENDING = Resending(source="not given: no message is sent again", confidence="assumed")
