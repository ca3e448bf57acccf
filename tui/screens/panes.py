"""The drawing function of each pane, by name."""

from tui.painting.rows import Page, wrap
from tui.painting.view import Draw, View
from tui.widgets.frame.paged_list import Listed
from tui.widgets.mail import ages, flow, gateway, ledger, mail_routes, plot, queued_messages, zone
from tui.widgets.people import (
    helpdesk,
    incident_room,
    key_figures,
    last_results,
    messages,
    on_duty,
    phone,
    plan_steps,
)


def _of_gateway(draw: Draw) -> Draw:
    """A pane about the gateway; for an organisation without a gateway, it does not show zeros as if they
    were figures.
    """

    def drawn(view: View, width: int, height: int) -> Page:
        page = draw(view, width, height)
        if view.snapshot.behind_gateway:
            return page
        rows = [((line, "dim"),) for line in wrap("your organisation has no gateway", width)]
        return Page(page.title, rows[:height], short=page.short)

    return drawn


DRAWS: dict[str, Draw] = {
    "flow": flow.draw, "now": key_figures.draw, "plot": _of_gateway(plot.draw),
    "horizon": _of_gateway(plot.draw_to_horizon), "ages": _of_gateway(ages.draw), "ledger": ledger.draw,
    "mail": _of_gateway(queued_messages.draw), "feed": messages.draw, "console": _of_gateway(gateway.draw),
    "ways": Listed(mail_routes.draw),
    "zone": Listed(zone.draw), "arrivals": Listed(zone.draw_arrivals),
    "pages": Listed(incident_room.draw_pages), "cases": Listed(incident_room.draw_cases),
    "words": Listed(incident_room.draw_words), "decisions": Listed(incident_room.draw_decisions),
    "openings": Listed(incident_room.draw_openings),
    "runbook": Listed(plan_steps.draw), "next-steps": plan_steps.draw_next,
    "calls": Listed(phone.draw_calls), "inbox": Listed(phone.draw_inbox),
    "hours": helpdesk.draw_hours, "tickets": Listed(helpdesk.draw),
    "people": on_duty.draw_people, "staff": on_duty.draw_staff,
    "alerts": on_duty.draw_alerts, "coach": on_duty.draw_coach,
    "objectives": Listed(on_duty.draw_objectives),
    **{f"found-{place}": Listed(last_results.at(place)) for place in last_results.PLACES},
}  # fmt: skip
