"""Commands for access to continuity: the apps that each group may use."""

from difflib import get_close_matches
from typing import ClassVar, Literal

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.gateway.continuity import unknown_group
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.work_given import Turn
from sim.drill.services.continuity_events import ALL
from sim.kernel.draws import mix, within
from sim.kernel.duration import MINUTE_MS, in_words
from sim.kernel.frozen import frozen


def settings_lead_ms(drill: Drill, turn: Turn) -> int:
    """Time until all apps have received a change of their settings, ms."""
    within_ms = drill.scenario.organisation.gateway.continuity_events.settings_within_ms
    bits = mix(drill.seed, "application settings", turn.key(drill.commands_given))
    return 1 + int(within(bits, within_ms)[0])


@frozen
class PermissionsShow(Command):
    """Show the apps that each group may use during continuity."""

    words: ClassVar = ("permissions", "show")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        result="report",
        product=InYourProduct(
            path="Mimecast: Users & Groups | Applications, one definition for each group",
            who="Basic Administrator or higher",
            how_long="3 minutes",
            simplified="each user is in one group; each app is permitted as a whole",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        apps = {app.app: app.continuity != "never" for app in drill.scenario.organisation.apps}
        ways, groups = drill.world.users.membership.ways, drill.continuity.groups()[1:] or [ALL]
        told = []
        for number, group in enumerate(groups):
            missing = [
                app
                for app, from_ms in zip(apps, ways.permitted_ms[number], strict=True)
                if apps[app] and from_ms > drill.now_ms
            ]
            told.append(f"{group}: " + (f"all but {', '.join(missing)}" if missing else "every app"))
        return "; ".join(told)


@frozen
class PermissionsSet(Command):
    """Permit an app for a group: apps receive settings within 15 minutes; Outlook polls every 3."""

    state: Literal["on"] = arg("choice", "permit the app (the only possible state)", choices=("on",))
    app: str = arg("word", "the app, by its name in `permissions show`", key="app")
    group: str = arg("word", "the group, or `all`", key="group", default=ALL)

    words: ClassVar = ("permissions", "set")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        lead_ms=15 * MINUTE_MS,
        undo="no",
        product=InYourProduct(
            path="Mimecast: Users & Groups | Applications | Application Settings",
            who="Basic Administrator or higher",
            how_long="5 minutes; up to 15 more to reach the apps, and 3 for Outlook's next poll",
            simplified="apps can only be permitted; all of them get the change at the same moment",
        ),
    )

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        apps = [app.app for app in organisation.apps]
        if self.app not in apps:
            near = get_close_matches(self.app, apps, n=1)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(apps)}"
            return f"{self.app[:40]!r} is not an app here; {hint}"
        return unknown_group(organisation, self.group)

    def act(self, drill: Drill, turn: Turn) -> str:
        from_ms = drill.now_ms + settings_lead_ms(drill, turn)
        drill.continuity.permit(self.app, self.group, from_ms)
        limit = in_words(drill.scenario.organisation.gateway.continuity_events.settings_within_ms)
        return f"{self.app} permitted for {self.group}; the apps pick it up within {limit}"

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return 0  # the person is done; the apps follow one by one (see `act`)
