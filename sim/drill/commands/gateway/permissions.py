"""Who is let into continuity: apps by group, and log-ons that do not ask a dead directory."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, Literal

from sim.drill.commands.command import Command, Facts, InYourProduct, arg
from sim.drill.commands.gateway.continuity import unknown_group
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.services.continuity_events import ALL
from sim.kernel.draws import mix, within
from sim.kernel.duration import MINUTE_MS, format_duration


def _settings_lead_ms(drill: Drill) -> int:
    """From a change of the apps' settings until all apps have it."""
    within_ms = drill.scenario.organisation.gateway.continuity_events.settings_within_ms
    return 1 + int(within(mix(drill.seed, "application settings", drill.commands_given), within_ms)[0])


@dataclass(frozen=True, slots=True)
class PermissionsShow(Command):
    """Look which apps the settings let each group into during continuity."""

    words: ClassVar = ("permissions", "show")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        result="report",
        product=InYourProduct(
            path="Mimecast: Users & Groups | Applications, one definition for each group",
            who="Basic Administrator or higher",
            how_long="3 minutes",
            simplified="a user is in one group; each app is permitted as a whole",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        apps = {app.app: app.continuity != "never" for app in drill.scenario.organisation.apps}
        ways, groups = drill.world.users.membership.ways, drill.continuity.groups()[1:] or [ALL]
        told = []
        for number, group in enumerate(groups):
            missing = [
                app
                for app, from_ms in zip(apps, ways.permitted_ms[number], strict=True)
                if apps[app] and from_ms > drill.now_ms
            ]
            told.append(f"{group}: " + (f"not {', '.join(missing)}" if missing else "every app"))
        return "; ".join(told)


@dataclass(frozen=True, slots=True)
class PermissionsSet(Command):
    """Permit an app to a group: settings reach apps within 15 minutes, and Outlook asks every 3."""

    state: Literal["on"] = arg("choice", "let them in", choices=("on",))
    app: str = arg("word", "which app, as `permissions show` calls it", key="app")
    group: str = arg("word", "which group, or `all`", key="group", default=ALL)

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
            simplified="only granting; all apps have it at one moment",
        ),
    )

    def ruled_out(self, organisation: Organisation, rules: HouseRules) -> str | None:
        apps = [app.app for app in organisation.apps]
        if self.app not in apps:
            near = get_close_matches(self.app, apps, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(apps)}"
            return f"there is no app {self.app[:40]!r}; {hint}"
        return unknown_group(organisation, self.group)

    def act(self, drill: Drill, by: str) -> str:
        from_ms = drill.now_ms + _settings_lead_ms(drill)
        drill.continuity.permit(self.app, self.group, from_ms)
        limit = format_duration(drill.scenario.organisation.gateway.continuity_events.settings_within_ms)
        return f"{self.app} permitted for {self.group}; apps have it within {limit}"

    def lead_ms(self, drill: Drill) -> int:
        return 0  # the person is done; the apps follow one by one, see `act`


@dataclass(frozen=True, slots=True)
class SigninBreakGlass(Command):
    """Fetch the account for emergencies: it signs in to the gateway's console without the directory."""

    words: ClassVar = ("signin", "break-glass")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="incident room",
        undo="change its password afterwards",
        exposes="nothing; an account that asks nobody is in use",
        product=InYourProduct(
            path="the sealed account in your password safe, with its own second factor",
            who="messaging administrator, with a witness",
            how_long="8 minutes",
            simplified="it works if the organisation has one",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        if not drill.scenario.organisation.gateway.continuity_events.break_glass:
            return "there is no such account here; use the link of an alert, or phone the vendor"
        if drill.consoles.broken_glass:
            return "the account is in use already"
        return None

    def act(self, drill: Drill, by: str) -> str:
        drill.consoles.broken_glass = True
        return "signed in to the gateway console with the emergency account"


@dataclass(frozen=True, slots=True)
class SigninCloud(Command):
    """Let portal and mobile app take cloud passwords instead of asking the directory."""

    words: ClassVar = ("signin", "cloud")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        lead_ms=15 * MINUTE_MS,
        undo="the authentication profile back to the directory",
        exposes="log-ons without the directory's second factor",
        product=InYourProduct(
            path="Mimecast: Users & Groups | Applications | Authentication Profiles: cloud password",
            who="Basic Administrator or higher",
            how_long="6 minutes; up to 15 more to reach the apps",
            simplified="a share of users knows a cloud password, the others do not get in",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        drill.continuity.take_cloud_passwords(drill.now_ms + _settings_lead_ms(drill))
        limit = format_duration(drill.scenario.organisation.gateway.continuity_events.settings_within_ms)
        return f"portal and mobile app take cloud passwords within {limit}"

    def lead_ms(self, drill: Drill) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class SmsShow(Command):
    """Look at the SMS dashboard: who has a number in the directory that texts can reach."""

    words: ClassVar = ("sms", "show")
    facts: ClassVar = Facts(
        role="helpdesk",
        where="gateway console",
        result="report",
        product=InYourProduct(
            path="Mimecast: Services | SMS dashboard; numbers come from one directory attribute, long format",
            who="Basic Administrator or higher",
            how_long="2 minutes",
            simplified="who has a number, has it in the long format",
        ),
    )

    def act(self, drill: Drill, by: str) -> str:
        organisation = drill.scenario.organisation
        channel = next((one for one in organisation.channels if one.via == "sms"), None)
        if channel is None:
            return "there is no SMS service here"
        service = (
            "texts users of an event by itself"
            if organisation.gateway.continuity_events.texts_users
            else ("does not text users by itself: not subscribed")
        )
        return (
            f"SMS: {channel.reaches_percent} % of users have a number in long format; the service {service}"
        )
