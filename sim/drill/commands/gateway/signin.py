"""Commands for signing in without the directory, and for undoing that."""

from typing import ClassVar

from sim.drill.commands.command import Command
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.gateway.permissions import settings_lead_ms
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.work_given import Turn
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.frozen import frozen


def _no_emergency_account(organisation: Organisation) -> str | None:
    if organisation.gateway.continuity_events.break_glass:
        return None
    return (
        "this organisation does not have an emergency account; use the link in an alert, or phone the vendor"
    )


@frozen
class SigninConsole(Command):
    """Sign in to the gateway's console, which may be slow, unreachable, or dependent on a dead directory."""

    words: ClassVar = ("signin", "console")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        result="report",
        product=InYourProduct(
            path="Mimecast: the administration console of your region, with your second factor",
            who="Basic Administrator or higher",
            how_long="2 minutes",
            simplified="an existing session is reused; other commands sign in by themselves",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        state = drill.consoles.gateway()
        slowly = ", which answers slowly" if state.answers == "slowly" else ""
        how = " with the emergency account" if drill.consoles.broken_glass else ""
        shows = "" if state.live else f"; it shows figures of {drill.clock(state.figures_ms)}"
        return f"signed in to the gateway console{how}{slowly}{shows}"


@frozen
class SigninBreakGlass(Command):
    """Sign in to the gateway's console with the emergency account, without the directory."""

    words: ClassVar = ("signin", "break-glass")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="incident room",
        undo="signin seal",
        exposes="an account outside the directory is in use, and its password has been read",
        opens="break-glass",
        product=InYourProduct(
            path="the sealed account in your password safe, with its own second factor",
            who="messaging administrator, with a witness",
            how_long="8 minutes",
            simplified="this works only if the organisation has such an account",
        ),
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return _no_emergency_account(organisation)

    def refusal(self, drill: Drill) -> str | None:
        return "the emergency account is already in use" if drill.consoles.broken_glass else None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.consoles.broken_glass = True
        return "signed in to the gateway console with the emergency account"


@frozen
class SigninCloud(Command):
    """Accept cloud passwords in the portal and the mobile app instead of asking the directory."""

    words: ClassVar = ("signin", "cloud")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        lead_ms=15 * MINUTE_MS,
        undo="signin directory",
        exposes="sign-ins without the directory's second factor",
        opens="cloud-signin",
        product=InYourProduct(
            path="Mimecast: Users & Groups | Applications | Authentication Profiles: cloud password",
            who="Basic Administrator or higher",
            how_long="6 minutes; up to 15 more to reach the apps",
            simplified="only a share of users know a cloud password; the others cannot sign in",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if drill.room.openings.is_open("cloud-signin"):
            return "cloud passwords are already accepted; `signin directory` ends that"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.continuity.take_cloud_passwords(drill.now_ms + settings_lead_ms(drill, turn))
        limit = in_words(drill.scenario.organisation.gateway.continuity_events.settings_within_ms)
        return f"portal and mobile app accept cloud passwords within {limit}"

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return 0


@frozen
class SigninDirectory(Command):
    """Switch sign-ins to the portal and the mobile app from cloud passwords back to the directory."""

    words: ClassVar = ("signin", "directory")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        lead_ms=15 * MINUTE_MS,
        undo="signin cloud",
        closes="cloud-signin",
        product=InYourProduct(
            path="Mimecast: Users & Groups | Applications | Authentication Profiles: switch back to the "
            "directory",
            who="Basic Administrator or higher",
            how_long="6 minutes; up to 15 more to reach the apps",
            simplified="possible only once the directory answers; the real product lets you lock everyone "
            "out earlier",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not drill.room.openings.is_open("cloud-signin"):
            return "sign-ins already go to the directory"
        if not drill.users.membership.ways.directory_answers:
            return (
                "the directory does not answer, so users could not sign in without cloud passwords; "
                "wait until it answers"
            )
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.continuity.ask_directory(drill.now_ms + settings_lead_ms(drill, turn))
        limit = in_words(drill.scenario.organisation.gateway.continuity_events.settings_within_ms)
        return f"portal and mobile app use the directory again within {limit}"

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return 0


@frozen
class SigninSeal(Command):
    """Sign out of the emergency account, change its password and seal it again."""

    words: ClassVar = ("signin", "seal")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="incident room",
        undo="signin break-glass",
        closes="break-glass",
        product=InYourProduct(
            path="your password safe: a new password and a new seal, and an entry in the log of its uses",
            who="messaging administrator, with a witness",
            how_long="10 minutes",
            simplified="the new password takes effect at once",
        ),
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return _no_emergency_account(organisation)

    def refusal(self, drill: Drill) -> str | None:
        if not drill.consoles.broken_glass:
            return "the emergency account is already sealed; `signin break-glass` unseals it"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.consoles.broken_glass = False
        return "signed out of the emergency account; its password is changed and sealed"
