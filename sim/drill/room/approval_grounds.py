"""Grounds for an approval: statements and observations, not the truth. Pure.

A statement is not evidence. A bypass needs an observation that the gateway fails, and no later one that it
works. An alert that your mail server does not accept the gateway's deliveries shows that the gateway works.
"""

from collections.abc import Callable, Sequence

from sim.drill.room.diagnosis import Diagnosis
from sim.drill.room.evidence import ALERT, CONSOLE, GATEWAY_FAILS, INDIRECT, SERVER_FAILS, Sighting
from sim.mail.routes.inbound import GATEWAY

NOTHING_STATED = "first state what is broken (`diagnose …`), or test the gateway (`probe mx all`)"
NOT_THE_GATEWAY = "according to your own diagnosis the gateway accepts mail, so a bypass would not help"
NOTHING_SEEN = (
    "what is your evidence? Show me a refused connection (`probe mx all`), a probe that does not return "
    "(`status check probe`) or a test message that stays queued (`connector test`)"
)


def lacking(diagnoses: Sequence[Diagnosis], seen: Sequence[Sighting], clock: Callable[[int], str]) -> str:
    """The reason why an approver would refuse a bypass of the gateway; empty if there are grounds.

    An MX host of the gateway that accepted nothing at its last test is a ground. If the last stated diagnosis
    is the gateway, any other failure that may be the gateway's is also a ground; an INDIRECT one only until
    mail passes again. A failure that may be the mail server's does not count while the gateway's own alert
    blames the mail server.
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
    shows = f"your own test of {clock(through_ms)} shows that it accepts mail"
    if not diagnoses:
        return NOTHING_STATED if failing or through_ms < 0 else shows
    if diagnoses[-1].component != "gateway":
        return NOT_THE_GATEWAY
    if failing:
        return ""
    if alert is not None and alert.fails == SERVER_FAILS:
        return (
            f"its own alert of {clock(alert.t_ms)} reports that your mail server does not accept its "
            f"deliveries"
        )
    return NOTHING_SEEN if through_ms < 0 else shows
