"""Commands for the rule that skips the mail server's own filter, so that mail on bypasses is not junked."""

from typing import ClassVar

from sim.drill.commands.command_facts import InYourProduct
from sim.drill.commands.server.guard import GuardChange, change
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.approvals import Scope
from sim.drill.room.work_given import Turn
from sim.kernel.frozen import frozen

_RULE = InYourProduct(
    path="Exchange admin center | Mail flow | Rules: Set the spam confidence level to bypass",
    who="Organization Management",
    how_long="5 minutes, up to half an hour to take effect",
    simplified="the rule applies to all mail that does not come from the gateway",
)


def no_filter(organisation: Organisation) -> str | None:
    """The reason why the filter cannot be skipped here; None if it can."""
    if organisation.guard.filters:
        return None
    return "the mail server does not have its own filter, so no rule can skip it"


@frozen
class FilterRuleSkip(GuardChange):
    """Skip the mail server's own filter, so that it does not junk good mail that bypasses the gateway."""

    words: ClassVar = ("filter-rule", "skip")
    facts: ClassVar = change(
        _RULE,
        "filter-rule restore",
        "with this blanket rule, all mail that bypasses the gateway is unfiltered",
        opens="skip-filter",
    )

    def needs_approval(self) -> Scope | None:
        return Scope("exposure", "skip-filter")

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_filter(organisation)

    def refusal(self, drill: Drill) -> str | None:
        return "the rule is already in force" if drill.protection.gates_now.skips else None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.skip(drill.now_ms, True)
        return "a rule skips the mail server's filter for all mail that does not come from the gateway"


@frozen
class FilterRuleRestore(GuardChange):
    """Restore the mail server's filter by removing the rule that skips it."""

    words: ClassVar = ("filter-rule", "restore")
    facts: ClassVar = change(
        _RULE,
        "filter-rule skip",
        "nothing",
        closes="skip-filter",
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return no_filter(organisation)

    def refusal(self, drill: Drill) -> str | None:
        return (
            None
            if drill.protection.gates_now.skips
            else ("the filter is not skipped by any rule, so it need not be restored")
        )

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.protection.skip(drill.now_ms, False)
        return "the rule has been removed; the mail server filters all mail again"
