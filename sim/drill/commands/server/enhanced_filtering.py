"""The command for enhanced filtering, with which the server's filter judges the address that sent mail to
a known relay.
"""

from typing import ClassVar, Literal

from sim.drill.commands.command import arg
from sim.drill.commands.command_facts import InYourProduct
from sim.drill.commands.server.guard import GuardChange, change
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.work_given import Turn
from sim.kernel.frozen import frozen


@frozen
class EnhancedFiltering(GuardChange):
    """Make the filter check the IP address that sent mail to the backup, not the backup's own address."""

    state: Literal["on", "off"] = arg(
        "choice",
        "`on`: check the address that sent the mail to the backup; `off`: check the backup's own address",
        choices=("on", "off"),
    )

    words: ClassVar = ("enhanced-filtering",)
    facts: ClassVar = change(
        InYourProduct(
            path="Microsoft Defender portal | Policies & rules | Threat policies | Enhanced filtering: the "
            "backup's inbound connector, skip these addresses; Set-InboundConnector -EFSkipIPs",
            who="Organization Management or Security Administrator",
            how_long="5 minutes, up to an hour to take effect",
            simplified="without enhanced filtering, a fixed share of good mail through the backup is "
            "junked; with it, none",
        ),
        "enhanced-filtering off",
        "nothing; mail through the backup is filtered as before, by the address that sent it there",
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        if organisation.guard.filters:
            return None
        return "the mail server does not have its own filter, so this setting does not apply"

    def refusal(self, drill: Drill) -> str | None:
        gates = drill.protection.gates_now
        if gates.looks_behind == (self.state == "on"):
            return f"enhanced filtering is already {self.state}"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.look_behind(drill.now_ms, self.state == "on")
        if self.state == "on":
            return "the mail server's filter judges mail from the backup by the address that sent it there"
        return "the mail server's filter judges mail from the backup by the backup's address again"
