"""The figures of a running lab for a monitoring system: what its console shows, and its real mail."""

from collections import Counter

from sim.drill.session.session import Session
from sim.kernel.duration import SECOND_MS
from sim.live.lab import Lab
from sim.live.metrics import Figures


def figures(session: Session, lab: Lab) -> Figures:
    """The figures now."""
    seen = session.snapshot(0)
    queue, fates = seen.queue, Counter(effect.kind for effect in session.effects())
    return Figures(
        simulated_s=session.now_ms / SECOND_MS,
        inbound=queue.depth,
        outbound=queue.outbound,
        oldest_s=(queue.oldest_ms or 0) / SECOND_MS,
        paused=queue.paused,
        calls=seen.helpdesk.calls,
        accepted=len(session.drill.letters.all),
        delivered=fates["relay"],
        bounced=fates["bounce"],
        undelivered=lab.undelivered,
        connections={host.door: len(host.listener.connections) for host in lab.hosts},
    )
