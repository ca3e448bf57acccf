"""Enhanced filtering: the mail server's filter looks behind a relay that it knows, instead of at it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from sim.drill.commands.command import InYourProduct, arg
from sim.drill.commands.server.guard import GuardChange, change
from sim.drill.drill import Drill


@dataclass(frozen=True, slots=True)
class EnhancedFiltering(GuardChange):
    """Have the mail server's filter judge the backup's mail by who sent it to the backup, and filter on."""

    state: Literal["on", "off"] = arg("choice", "whether it looks behind the backup", choices=("on", "off"))

    words: ClassVar = ("enhanced-filtering",)
    facts: ClassVar = change(
        InYourProduct(
            path="Microsoft Defender portal | Policies & rules | Threat policies | Enhanced filtering: the "
            "backup's inbound connector, skip these addresses; Set-InboundConnector -EFSkipIPs",
            who="Organization Management or Security Administrator",
            how_long="5 minutes, up to an hour until it acts",
            simplified="with it no good mail by the backup is taken for junk; without it a fixed share is",
        ),
        "enhanced-filtering off",
        "nothing; mail by the backup is filtered as before, by the address before it",
    )

    def refusal(self, drill: Drill) -> str | None:
        gates = drill.protection.gates_now
        if not gates.server_filters:
            return "the mail server has no filter of its own that could look behind anything"
        if gates.looks_behind == (self.state == "on"):
            return f"enhanced filtering is {self.state} already"
        return None

    def act(self, drill: Drill, by: str) -> str:
        drill.protection.look_behind(drill.now_ms, self.state == "on")
        if self.state == "on":
            return "the mail server's filter looks behind the backup, at who sent it the mail"
        return "the mail server's filter takes the backup for the sender again"
