"""The results of decisions to keep queued mail: pausing deliveries, and extending the retention."""

from sim.drill.room.decisions import Judged
from sim.drill.session.session import Session
from sim.kernel.quantities import counted
from sim.mail.message.traffic import INBOUND, OUTBOUND
from sim.mail.platforms.platform import load_platform
from sim.report.decisions.outage_span import TurnedOut, minutes_text, outage_left_ms, up_to_the_end


def kept_inbound(session: Session, one: Judged) -> TurnedOut:
    """Keeping mail was worth it if the mail would have bounced."""
    scenario = session.scenario
    kept_ms = outage_left_ms(session, scenario.outage_start_ms)
    returned = int(session.drill.world.ledger.expired[INBOUND])
    text = f"the outage lasted {minutes_text(kept_ms)}{up_to_the_end(session)}, and the gateway bounced "
    text += counted(returned, "message")
    long = kept_ms >= load_platform(scenario.files, scenario.organisation.gateway.platform).expires_ms
    return TurnedOut(long if one.answer == "yes" else not returned, text)


def kept_outbound(session: Session) -> TurnedOut:
    """Keeping outbound mail was worthwhile if receivers deferred it for as long as the gateway keeps it."""
    scenario = session.scenario
    spans = [
        min(fault.until_ms, session.now_ms) - fault.at_ms
        for fault in scenario.timeline
        if fault.kind.component == "receivers"
    ]
    lasted_ms = max(0, *spans, 0)
    returned = int(session.drill.world.ledger.expired[OUTBOUND])
    deferred = (
        f"receivers deferred mail for {minutes_text(lasted_ms)}"
        if lasted_ms
        else "receivers did not defer mail"
    )
    text = f"{deferred}, and the gateway bounced {counted(returned, 'message')} to your users"
    return TurnedOut(
        lasted_ms >= load_platform(scenario.files, scenario.organisation.gateway.platform).expires_ms, text
    )
