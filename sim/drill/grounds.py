"""On what an approver signs: what has been stated and what has been tried, and nothing of the truth. Pure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.drill.diagnosis import Diagnosis
from sim.mail.inbound import GATEWAY

if TYPE_CHECKING:
    from sim.drill.incident_room import Probe

NOTHING_STATED = "say first what is broken (`diagnose …`), or try the gateway (`probe mx all`)"
NOT_THE_GATEWAY = "by what you have stated the gateway takes mail, and a way round it would not help"


def lacking(diagnoses: Sequence[Diagnosis], probes: Mapping[str, "Probe"]) -> str:
    """Why an approver would not sign for a way round the gateway; empty: there are grounds.

    A gateway that was last stated to be broken is one, or a probe of one of its hosts that did not come back.
    """
    if diagnoses and diagnoses[-1].component == "gateway":
        return ""
    if any(host in probes and not probes[host].came_back for host in GATEWAY):
        return ""
    return NOT_THE_GATEWAY if diagnoses else NOTHING_STATED
