"""Commands for the SMS service for users: see its dashboard, subscribe users, correct their numbers."""

from typing import ClassVar

from sim.drill.commands.command import Command
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.drill import Drill
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.room.delays import wait_ms
from sim.drill.room.work_given import Turn
from sim.kernel.frozen import frozen


@frozen
class SmsShow(Command):
    """Show the SMS dashboard: the share of users with a usable number in the directory."""

    words: ClassVar = ("sms", "show")
    facts: ClassVar = Facts(
        role="helpdesk",
        where="gateway console",
        result="report",
        product=InYourProduct(
            path="Mimecast: Services | SMS dashboard; numbers come from one directory attribute, in long "
            "format",
            who="Basic Administrator or higher",
            how_long="2 minutes",
            simplified="the share of usable numbers is exact",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        usable = drill.continuity.sms_percent
        if not usable:
            return "there is no SMS service here"
        does = (
            "texts users automatically when an event starts"
            if drill.continuity.texts_users
            else "does not text users automatically (not subscribed)"
        )
        short = 0 if drill.continuity.numbers_done else _short_form(drill.scenario.organisation)
        wrong = f", and {short} % have one without a country code" if short else ""
        return f"SMS: {usable} % of users have a number in long format{wrong}; the service {does}"


def _short_form(organisation: Organisation) -> int:
    """Share of users with a number in a form that the service cannot use."""
    service = organisation.gateway.sms_service
    return service.short_form_percent if service is not None else 0


@frozen
class SmsSubscribe(Command):
    """Subscribe all users to the SMS service, which texts them when an event starts or is in force."""

    words: ClassVar = ("sms", "subscribe")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="gateway console",
        undo="no",
        product=InYourProduct(
            path="Mimecast: Services | SMS Continuity, the groups that are texted; a separate subscription",
            who="Basic Administrator or higher",
            how_long="5 minutes",
            simplified="all users at once; the text is the vendor's, and is sent when an event starts",
        ),
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        gateway = organisation.gateway
        bought = gateway.sms_service is not None and gateway.sms_service.package
        if not any(one.via == "sms" for one in organisation.channels):
            return "there is no SMS service here"
        if not bought and not gateway.continuity_events.texts_users:
            return "the SMS service is not in your contract; write notify users via=sms"
        return None

    def refusal(self, drill: Drill) -> str | None:
        return "all users are subscribed already" if drill.continuity.texts_users else None

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.continuity.subscribe_users(turn.draws)
        return f"users subscribed to the SMS service; it reaches {drill.continuity.sms_percent} % of them"


@frozen
class SmsNumbers(Command):
    """Change numbers in the directory to the long format; the next synchronisation transfers them."""

    words: ClassVar = ("sms", "numbers")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="incident room",
        undo="no",
        product=InYourProduct(
            path="the directory's attribute for mobile numbers: +44 7700 900123 becomes 447700900123; then "
            "Mimecast: Services | Directory Synchronization",
            who="the directory's administrator",
            how_long="15 minutes with a script; then the next synchronisation",
            simplified="every number in the wrong format is corrected; missing numbers stay missing",
        ),
        lead_is="time of the synchronisation",
    )

    @classmethod
    def never_here(cls, organisation: Organisation, rules: HouseRules) -> str | None:
        return None if _short_form(organisation) else "every number here is in the long format"

    def refusal(self, drill: Drill) -> str | None:
        if drill.continuity.numbers_done:
            return "every number is in the long format already"
        if not drill.users.membership.ways.directory_answers:
            return "the directory does not answer; correct its numbers once it does"
        return None

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        service = drill.scenario.organisation.gateway.sms_service
        assert service is not None  # never_here has looked
        key = turn.key(drill.commands_given)
        return wait_ms(drill.seed, "numbers synchronised", key, service.sync_minutes)

    def act(self, drill: Drill, turn: Turn) -> str:
        drill.continuity.numbers_corrected(_short_form(drill.scenario.organisation))
        return f"numbers corrected: {drill.continuity.sms_percent} % of users can be reached by SMS"
