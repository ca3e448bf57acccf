"""Every pane of the console by name, and what draws it."""

from tui.view import Draw
from tui.widgets import (
    ages,
    feed,
    flow,
    found,
    gateway,
    ledger,
    mail,
    now,
    people,
    phone,
    plot,
    room,
    tickets,
    ways,
    zone,
)
from tui.widgets.listed import Listed

DRAWS: dict[str, Draw] = {
    "flow": flow.draw, "now": now.draw, "plot": plot.draw, "horizon": plot.draw_to_horizon,
    "ages": ages.draw, "ledger": ledger.draw, "mail": mail.draw, "feed": feed.draw, "console": gateway.draw,
    "zone": Listed(zone.draw), "arrivals": Listed(zone.draw_arrivals), "ways": Listed(ways.draw),
    "pages": Listed(room.draw_pages), "cases": Listed(room.draw_cases), "words": Listed(room.draw_words),
    "decisions": Listed(room.draw_decisions), "openings": Listed(room.draw_openings),
    "calls": Listed(phone.draw_calls), "inbox": Listed(phone.draw_inbox),
    "hours": tickets.draw_hours, "tickets": Listed(tickets.draw),
    "people": people.draw_people, "staff": people.draw_staff,
    "alerts": people.draw_alerts, "coach": people.draw_coach, "objectives": Listed(people.draw_objectives),
    **{f"found-{place}": Listed(found.at(place)) for place in found.PLACES},
}  # fmt: skip
