"""Figures about the cost in protection: unfiltered mail, backscatter, openings, approvals."""

from sim.drill.drill import Drill
from sim.drill.instruments.unapproved_time import minutes, passed_ms, total_ms, unapproved, unapproved_spans
from sim.drill.scoring.closing_delays import late_beyond_ms, latest_closing_h
from sim.drill.scoring.exposure import backscatter_beyond, exposed_unsigned, exposure, unsigned_beyond
from sim.drill.scoring.figures import causes
from sim.drill.scoring.figures.figure import Figure, nth
from sim.kernel.duration import MINUTE_MS


def _exposed_beyond(drill: Drill, number: int) -> int | None:
    spans = [(one.a_ms, one.b_ms) for one in exposed_unsigned(drill)]
    return passed_ms(spans, number * MINUTE_MS)


def _open_unapproved(drill: Drill) -> int:
    return minutes(total_ms(unapproved_spans(drill)))


def _open_unapproved_beyond(drill: Drill, number: int) -> int | None:
    return passed_ms(unapproved_spans(drill), number * MINUTE_MS)


def _unapproved(drill: Drill) -> int:
    return len(drill.room.approvals.unsound)


def _unapproved_beyond(drill: Drill, number: int) -> int | None:
    return nth([one.asked_ms for one in drill.room.approvals.unsound], number)


FIGURES = (
    Figure(
        name="unfiltered",
        counts="messages that bypassed the filter",
        label="messages that bypassed the filter: {}",
        only_grows=True,
        measure=lambda drill: drill.world.intake.unfiltered,
        beyond=lambda drill, number: drill.world.intake.unfiltered_beyond(number),
    ),
    Figure(
        name="backscatter",
        counts="bounces to forged senders (backscatter) from a backup that did not know the recipients",
        label="backscatter: {}",
        only_grows=True,
        measure=lambda drill: exposure(drill).backscatter,
        beyond=backscatter_beyond,
    ),
    Figure(
        name="unsigned-outbound",
        counts="outbound messages that receivers accepted over a route on which DMARC fails",
        label="outbound messages accepted although DMARC fails: {}",
        only_grows=True,
        measure=lambda drill: exposure(drill).unsigned,
        beyond=unsigned_beyond,
    ),
    Figure(
        name="exposed-min",
        counts="minutes during which unfiltered mail could get in through an opening that had no valid "
        "approval",
        label="open to unfiltered mail without approval: {} min",
        only_grows=True,
        measure=lambda drill: minutes(exposure(drill).unsigned_off_ms),
        beyond=_exposed_beyond,
        because=causes.without_approval(exposed_unsigned),
    ),
    Figure(
        name="open-unapproved-min",
        counts="minutes during which a lock, firewall or filter rule was open and had no valid approval",
        label="lock, firewall or filter rule open without approval: {} min",
        only_grows=True,
        measure=_open_unapproved,
        beyond=_open_unapproved_beyond,
        because=causes.without_approval(unapproved),
        seen=_open_unapproved,
        seen_beyond=_open_unapproved_beyond,
    ),
    Figure(
        name="unapproved",
        counts="actions without the approval that they needed, taken although no check had shown an "
        "emergency, or although an approver was available and had not been given enough time to "
        "answer (house rule: 15 min)",
        label="actions taken without waiting for approval: {}",
        only_grows=True,
        measure=_unapproved,
        beyond=_unapproved_beyond,
        because=lambda drill: causes.each(
            drill, [(one.asked_ms, one.scope.opening or one.subject) for one in drill.room.approvals.unsound]
        ),
        seen=_unapproved,
        seen_beyond=_unapproved_beyond,
    ),
    Figure(
        name="openings-unproven",
        counts="openings in the register that are not proven closed",
        label="openings not proven closed: {}",
        measure=lambda drill: len(drill.room.openings.unproven()),
        because=causes.unproven,
    ),
    Figure(
        name="openings-late-h",
        counts="hours (rounded up) from the failback until the last opening was proven closed; for a lock "
        "or firewall, counted from the last stale DNS answers",
        label="time from the failback until the last opening was proven closed (lock and firewall: counted "
        "from the last stale DNS answer; rounded up): {} h",
        measure=latest_closing_h,
        beyond=late_beyond_ms,
        because=causes.proven_late,
    ),
)
