"""Facts shared by all commands that change the mail server's protection against mail on bypasses."""

from typing import Literal

from sim.drill.commands.command import Command
from sim.drill.commands.command_facts import Facts, InYourProduct, Where
from sim.drill.drill import Drill
from sim.drill.room.work_given import Turn
from sim.kernel.duration import MINUTE_MS
from sim.kernel.frozen import frozen
from sim.mail.server.guard import SOURCES, MailOrigin

Whom = Literal["backup", "everybody"]
WHOM = ("backup", "everybody")
NAMED: dict[Whom, str] = {"backup": "the backup", "everybody": "everyone"}


def sources(whom: Whom) -> frozenset[MailOrigin]:
    """The sources that a command's `whom` names."""
    return frozenset(SOURCES) if whom == "everybody" else frozenset({"backup"})


def change(
    product: InYourProduct,
    undo: str,
    exposes: str,
    *,
    where: Where = "Exchange shell",
    opens: str = "",
    closes: str = "",
) -> Facts:
    """Facts about a command that changes the mail server's protection; every opening needs an approval."""
    return Facts(
        role="messaging-admin",
        where=where,
        lead_ms=MINUTE_MS,
        undo=undo,
        exposes=exposes,
        product=product,
        needs_approval="exposure" if opens else "",
        opens=opens,
        closes=closes,
    )


@frozen
class GuardChange(Command):
    """A command that changes the mail server's protection."""

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return drill.protection.guard_ms(turn)
