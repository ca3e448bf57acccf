"""On what an approver signs: what was stated and what was seen, and nothing of the truth. Pure.

A statement is no evidence. Whoever wants a way round the gateway has seen it fail with their own eyes, and
has not seen it work since. Its own alerts, that your mail server does not take what it delivers, say that it
works.
"""

from collections.abc import Callable, Sequence

from sim.drill.room.diagnosis import Diagnosis
from sim.drill.room.evidence import ALERT, CONSOLE, GATEWAY_FAILS, INDIRECT, SERVER_FAILS, Sighting
from sim.mail.routes.inbound import GATEWAY

NOTHING_STATED = "say first what is broken (`diagnose …`), or try the gateway (`probe mx all`)"
NOT_THE_GATEWAY = "by what you have stated the gateway takes mail, and a way round it would not help"
NOTHING_SEEN = (
    "what did you see? A port that refuses (`probe mx all`), a probe that does not come back "
    "(`status check probe`) or a test that stays (`connector test`) would convince me"
)


def lacking(diagnoses: Sequence[Diagnosis], seen: Sequence[Sighting], clock: Callable[[int], str]) -> str:
    """Why an approver would not sign for a way round the gateway; empty: there are grounds.

    An MX host of it that took nothing when it was last tried is one. If the gateway was last stated to be
    broken, so is any other failure that may be its: what is INDIRECT until mail has gone through after it.
    What may as well be the mail server's is none while the gateway's own alert says that it is.
    """
    last = {one.by: one for one in seen if one.by}
    through_ms = max((one.t_ms for one in seen if "gateway" in one.works and one.by != ALERT), default=-1)
    failing = [
        one
        for by, one in last.items()
        if "gateway" in one.fails and (by not in INDIRECT or one.t_ms > through_ms)
    ]
    alert = last.get(ALERT)
    if alert is not None and alert.fails == SERVER_FAILS:
        failing = [one for one in failing if not one.fails >= SERVER_FAILS and one.by != CONSOLE]
    if any(one.by in GATEWAY and one.fails == GATEWAY_FAILS for one in failing):
        return ""
    if not diagnoses:
        return NOTHING_STATED
    if diagnoses[-1].component != "gateway":
        return NOT_THE_GATEWAY
    if failing:
        return ""
    if alert is not None and alert.fails == SERVER_FAILS:
        return (
            f"its own alert of {clock(alert.t_ms)} says that what it takes is not taken by your mail server"
        )
    return NOTHING_SEEN if through_ms < 0 else f"by your own test of {clock(through_ms)} it takes mail"
