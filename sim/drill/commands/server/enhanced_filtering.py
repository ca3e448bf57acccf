"""The command for enhanced filtering: the server's filter judges the address before a known relay."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.commands.command import InYourProduct, arg
from sim.drill.commands.server.guard import GuardChange, change
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation


@dataclass(frozen=True, slots=True)
class EnhancedFiltering(GuardChange):
    """Filter the backup's mail by the address that sent it to the backup, not by the backup's own."""

    state: Literal["on", "off"] = arg(
        "choice", "`on`: by the address before the backup; `off`: by the backup's own", choices=("on", "off")
    )

    words: ClassVar = ("enhanced-filtering",)
    facts: ClassVar = change(
        InYourProduct(
            path="Microsoft Defender portal | Policies & rules | Threat policies | Enhanced filtering: the "
            "backup's inbound connector, skip these addresses; Set-InboundConnector -EFSkipIPs",
            who="Organization Management or Security Administrator",
            how_long="5 minutes, up to an hour to take effect",
            simplified="with it no good mail through the backup is junked; without it a fixed share is",
        ),
        "enhanced-filtering off",
        "nothing; mail through the backup is filtered as before, by the address before it",
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        if organisation.guard.filters:
            return None
        return "the mail server has no filter of its own, so there is nothing to enhance"

    def refusal(self, drill: Drill) -> str | None:
        gates = drill.protection.gates_now
        if gates.looks_behind == (self.state == "on"):
            return f"enhanced filtering is already {self.state}"
        return None

    def act(self, drill: Drill, by: str) -> str:
        drill.protection.look_behind(drill.now_ms, self.state == "on")
        if self.state == "on":
            return "the mail server's filter judges the backup's mail by the address before the backup"
        return "the mail server's filter judges the backup's mail by the backup's address again"
