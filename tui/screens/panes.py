"""Every pane of the console by name, and what draws it."""

from tui.painting.view import Draw
from tui.widgets.frame.paged_list import Listed
from tui.widgets.mail import ages, flow, gateway, ledger, plot, zone
from tui.widgets.mail import mail_routes as ways
from tui.widgets.mail import queued_messages as mail
from tui.widgets.people import helpdesk as tickets
from tui.widgets.people import incident_room as room
from tui.widgets.people import key_figures as now
from tui.widgets.people import last_results as found
from tui.widgets.people import messages as feed
from tui.widgets.people import on_duty as people
from tui.widgets.people import phone

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
