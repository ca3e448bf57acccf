"""The pages of the browser door as HTML: a seat, a player's phone, and the room's projector."""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.drill.room.events import Event
from sim.drill.snapshot.console import Snapshot
from sim.kernel.duration import drill_time
from sim.kernel.plain_line import in_markup
from sim.kernel.quantities import counted
from sim.table.looks import RoomLook
from tui.painting.local_time import LocalTime
from tui.painting.pace import Pace

ON_THE_PHONE = ("sms", "call")
"""Kinds of events that appear on the phone page of the person who receives them."""
IN_THE_ROOM = ("post",)
"""Kinds of events that everyone in the room can see."""
MOST_SHOWN = 30
REFRESH_S = 5


def seat_page(seat: str, nonce: str) -> str:
    """The page with the terminal of a seat; `nonce` permits the styles that the terminal creates."""
    name = in_markup(seat)
    return _page(
        f"EXERCISE · {seat}",
        f'<meta name="style-nonce" content="{nonce}">'
        '<link rel="stylesheet" href="/files/xterm.css"><link rel="stylesheet" href="/files/seat.css">'
        '<script type="module" src="/files/seat.js"></script>',
        f'<div id="screen" data-seat="{name}"></div><div id="state" hidden><p id="why"></p>'
        '<button id="again" type="button" hidden>Return to the seat</button></div>'
        "<noscript><p>A seat needs JavaScript; without it, use SSH.</p></noscript>",
    )


def message_page(heading: str, text: str) -> str:
    """A page with a single message."""
    return _page(heading, _LOOK, f"<main><h1>{in_markup(heading)}</h1><p>{in_markup(text)}</p></main>")


def phone_page(seat: str, events: Sequence[Event], local: LocalTime, now_ms: int) -> str:
    """The simulated SMS and calls of the player at `seat`, newest first, without a script."""
    shown = [one for one in events if one.kind in ON_THE_PHONE][-MOST_SHOWN:]
    rows = "".join(
        f'<li class="{one.kind}"><b>{"SMS" if one.kind == "sms" else "Call"}</b> '
        f"{in_markup(local.short(one.t_ms, now_ms))} <i>{in_markup(one.source)}</i>"
        f"<p>{in_markup(one.text)}</p></li>"
        for one in reversed(shown)
    )
    nothing = "" if rows else "<p>No SMS and no calls yet.</p>"
    body = (
        f'<main><p class="mark">EXERCISE</p><h1>Phone of {in_markup(seat)}</h1>'
        f"<p>{in_markup(' '.join(local.full(now_ms).split()))}</p>{nothing}<ul>{rows}</ul></main>"
    )
    return _page(f"EXERCISE · phone of {seat}", _LOOK + _AGAIN, body)


@dataclass(frozen=True, slots=True)
class SeatState:
    """A seat as the room sees it."""

    name: str
    person: str
    here: bool
    """True while a client shows the seat's screen."""


def room_page(
    snapshot: Snapshot,
    pace: Pace,
    seats: Sequence[SeatState],
    events: Sequence[Event],
    local: LocalTime,
    room: RoomLook,
) -> str:
    """The view for a projector: clock, seats, and public events, in large type."""
    now_ms = snapshot.t_ms
    emergency = '<p class="emergency">REAL EMERGENCY: the exercise is stopped</p>' if room.emergency else ""
    state = "ended" if snapshot.ended else "clock stopped" if pace.paused else f"running at ×{pace.speed}"
    public = [one for one in events if one.kind in IN_THE_ROOM][-3:]
    posts = "".join(
        f"<li>{in_markup(local.short(one.t_ms, now_ms))} <i>{in_markup(one.source)}</i>: "
        f"{in_markup(one.text)}</li>"
        for one in reversed(public)
    )
    people = "".join(
        f'<li class="{"here" if seat.here else "away"}">{in_markup(seat.name)} '
        f"<i>{in_markup(seat.person)}</i></li>"
        for seat in seats
    )
    queue, desk = snapshot.queue, snapshot.helpdesk
    figures = (
        _figure(
            f"{queue.depth:,}",
            f"message{'' if queue.depth == 1 else 's'} in the queue",
            queue.seen.by,
            queue.seen.at_ms,
            now_ms,
            local,
        ),
        _figure(
            f"{desk.calls:,}",
            f"helpdesk call{'' if desk.calls == 1 else 's'}",
            desk.seen.by,
            desk.seen.at_ms,
            now_ms,
            local,
        ),
    )
    body = (
        '<main class="room"><p class="mark">EXERCISE</p>'
        f"{emergency}<h1>{in_markup(snapshot.title)}</h1>"
        f'<p class="clock">{in_markup(" ".join(local.full(now_ms).split()))}</p>'
        f"<p>{in_markup(drill_time(now_ms, seconds=False))} · {in_markup(state)}</p>{_predictions(room)}"
        f'<div class="figures">{"".join(figures)}</div>'
        f"<h2>{in_markup(counted(sum(seat.here for seat in seats), 'seat'))} taken</h2>"
        f'<ul class="seats">{people}</ul>'
        f"{f'<h2>Published</h2><ul>{posts}</ul>' if posts else ''}</main>"
    )
    return _page("EXERCISE · room", _LOOK + _AGAIN, body)


def _predictions(room: RoomLook) -> str:
    """The question for which the clock is stopped, and the predictions once every person has made one."""
    question = f"<h2>{in_markup(room.question)}</h2>" if room.question else ""
    made = "".join(
        f"<li>{in_markup(seat)} <i>{in_markup(number)}, {sure} % sure</i></li>"
        for seat, number, sure in room.predictions
    )
    if made:
        return f'{question}<ul class="seats">{made}</ul>'
    told = f"<p>{counted(room.predicted, 'prediction')}, shown when everyone has one</p>"
    return question + (told if room.predicted else "")


def _figure(value: str, of: str, by: str, at_ms: int, now_ms: int, local: LocalTime) -> str:
    seen = f"{by}, {local.short(at_ms, now_ms)}"
    return f"<p><b>{in_markup(value)}</b> {in_markup(of)}<br><i>{in_markup(seen)}</i></p>"


_LOOK = '<link rel="stylesheet" href="/files/page.css">'
_AGAIN = f'<meta http-equiv="refresh" content="{REFRESH_S}">'


def _page(title: str, head: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{in_markup(title)}</title>{head}</head><body>{body}</body></html>\n"
    )
