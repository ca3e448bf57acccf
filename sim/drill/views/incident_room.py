"""The part of the incident room that a trainee may see: actions and observations, no truth."""

from dataclasses import replace
from typing import Literal

from sim.drill.organisation.house_rules import WordRules
from sim.drill.room.announcements import Promise, Statement, promises
from sim.drill.room.incident_room import IncidentRoom
from sim.drill.snapshot.room import (
    ApprovalView,
    DecisionView,
    EstimateView,
    OpeningView,
    RoomView,
    StatementView,
    StatusPageView,
    TicketView,
)


def room_view(room: IncidentRoom, rules: WordRules, now_ms: int) -> RoomView:
    """The incident room's boards at `now_ms`. Reading them does not change anything."""
    return RoomView(
        pages=tuple(_page(room, vendor) for vendor in room.pages.vendors),
        tickets=tuple(
            TicketView(one.number, one.vendor, one.about, one.opened_ms, one.said)
            for one in room.phone.tickets
        ),
        said=_said(room, rules, now_ms),
        approvals=tuple(
            ApprovalView(
                one.scope.told,
                one.of,
                one.state,
                one.asked_ms,
                one.answered_ms,
                one.span[1] if one.span is not None else None,
                one.too_soon,
            )
            for one in room.approvals.requests
        ),
        openings=tuple(
            OpeningView(one.number, one.kind, one.command, one.opened_ms, one.closed_ms, one.proven_ms)
            for one in room.openings.entries
        ),
        decisions=_decisions(room),
        estimates=tuple(EstimateView(one.t_ms, one.by_ms, one.sure_ms) for one in room.estimates),
    )


def _page(room: IncidentRoom, vendor: str) -> StatusPageView:
    """The page as last checked, not as it is now."""
    rules, look = room.pages.vendors[vendor], room.looks.get(vendor)
    if look is None:
        return StatusPageView(vendor, rules.name, "", "", "", None, None, None)
    if look.post is None:
        return StatusPageView(
            vendor, rules.name, look.page, "green", rules.wording.normal, None, None, look.looked_ms
        )
    post = look.post
    return StatusPageView(
        vendor, rules.name, look.page, post.colour, post.text, post.posted_ms, post.next_ms, look.looked_ms
    )


def _said(room: IncidentRoom, rules: WordRules, now_ms: int) -> tuple[StatementView, ...]:
    heard = [one if one.known else replace(one, reached=max(1, one.reached)) for one in room.said]
    settled = {(one.made_ms, one.audience): one for one in promises(heard, now_ms, rules)}
    return tuple(
        StatementView(
            t_ms=one.t_ms,
            by=one.by,
            audience=one.audience,
            via=one.via,
            reached=one.reached if one.known else None,
            text=one.text,
            next_ms=one.next_ms,
            promise=_promise(one, settled.get((one.t_ms, one.audience))),
        )
        for one in heard
    )


def _promise(one: Statement, promise: Promise | None) -> Literal["", "open", "kept", "broken"]:
    if one.next_ms is None or not one.reached:
        return ""
    if promise is None:
        return "open"
    return "kept" if promise.kept_ms is not None else "broken"


def _decisions(room: IncidentRoom) -> tuple[DecisionView, ...]:
    """Decisions and diagnoses, in chronological order."""
    written = [
        DecisionView(one.t_ms, one.by, one.about, one.answer + (f": {one.because}" if one.because else ""))
        for one in room.decisions
    ]
    stated = [
        DecisionView(one.t_ms, one.by, "diagnosis", f"{one.component} {one.failure}")
        for one in room.diagnoses
    ]
    return tuple(sorted([*written, *stated], key=lambda one: one.t_ms))
