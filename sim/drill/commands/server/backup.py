"""Commands for the backup MX: check it, change its settings, send it a test message."""

from typing import ClassVar, Literal

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.server.closing_proof import Tested, proves, send
from sim.drill.drill import Drill
from sim.drill.organisation.mail_routes_file import TLS_LEVELS, TlsLevel
from sim.drill.room.work_given import Turn
from sim.kernel.duration import MINUTE_MS, SECOND_MS, in_words
from sim.kernel.frozen import frozen
from sim.mail.routes.inbound import BACKUP

_PORTAL = "the backup provider's portal, or its support by phone"


@frozen
class BackupCheck(Command):
    """Check the backup's settings: the domain, recipients, capacity, filter, TLS level, greylist."""

    words: ClassVar = ("backup", "check")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="backup portal",
        result="report",
        product=InYourProduct(
            path=f"{_PORTAL}: domains, recipient list, routes, filter policies",
            who="messaging administrator",
            how_long="10 to 20 minutes",
            simplified="the result is correct; in real life a provider's statements often are not",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        protection, file = drill.protection, drill.protection.backup
        filters = "filters by its own rules" if file.filters else "does NOT filter"
        found = (
            f"backup: {'knows' if protection.knows_domain else 'does NOT know'} the domain; "
            f"{'knows' if protection.knows_recipients else 'does NOT know'} the recipients; "
            f"accepts {_capacity(file.at_a_time, file.per_message_ms)}; {filters}; "
            f"{_tls(file.tls, file.tls_due)}{_greylist(drill)}"
        )
        return protection.noted(drill.now_ms, turn.by, "backup check", found)


def _tls(level: TlsLevel, due: TlsLevel) -> str:
    """The backup's encryption, with a remark if it is weaker than the organisation requires."""
    short = TLS_LEVELS.index(level) < TLS_LEVELS.index(due)
    return f"TLS {level}" + (f", BELOW your rule: {due}" if short else "")


def _greylist(drill: Drill) -> str:
    """The backup's greylisting; empty for a backup without a greylist."""
    file = drill.protection.backup
    if not file.greylist_ms:
        return ""
    if not drill.protection.greylists:
        return "; greylisting is off"
    whom = "each new sender" if file.greylists == "senders" else "each new pair of sender and recipient"
    return f"; GREYLISTS: defers {whom} for {in_words(file.greylist_ms)}"


def _capacity(at_a_time: int | None, per_message_ms: int) -> str:
    if at_a_time is None:
        return "any number of messages"
    return f"{at_a_time * 60 * SECOND_MS // per_message_ms:,} messages a minute"


@frozen
class BackupSet(Command):
    """Change the backup's settings: the domain, the list of recipients, greylisting."""

    recipients: Literal["on", "off", ""] = arg(
        "choice", "the list of recipients", choices=("on", "off"), key="recipients", default=""
    )
    greylist: Literal["on", "off", ""] = arg(
        "choice",
        "greylisting: first contacts are deferred",
        choices=("on", "off"),
        key="greylist",
        default="",
    )
    domain: Literal["on", ""] = arg("choice", "the domain itself", choices=("on",), key="domain", default="")

    words: ClassVar = ("backup", "set")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="backup portal",
        lead_ms=10 * MINUTE_MS,
        undo="backup set recipients=off greylist=on",
        product=InYourProduct(
            path=f"{_PORTAL}: domains; a list of recipients, or the directory; greylisting",
            who="messaging administrator",
            how_long="10 minutes, and at least 10 more to take effect",
            simplified="the list is complete and the directory answers",
        ),
    )

    def lead_ms(self, drill: Drill, turn: Turn) -> int:
        return drill.protection.settings_ms(turn)

    def refusal(self, drill: Drill) -> str | None:
        if not self.recipients and not self.domain and not self.greylist:
            return "a setting is missing; write `recipients=on`, `greylist=off`, or `domain=on`"
        protection = drill.protection
        if self.greylist and not protection.backup.greylist_ms:
            return "this backup does not greylist"
        if self.greylist and (self.greylist == "on") != protection.greylists:
            return None
        known = self.recipients == "" or (self.recipients == "on") == protection.knows_recipients
        if known and (not self.domain or protection.knows_domain):
            return "the backup already has these settings"
        return None

    def act(self, drill: Drill, turn: Turn) -> str:
        recipients = None if self.recipients == "" else self.recipients == "on"
        greylists = None if self.greylist == "" else self.greylist == "on"
        drill.protection.set_backup(drill.now_ms, recipients, bool(self.domain), greylists)
        parts = [f"recipients {self.recipients}"] if self.recipients else []
        parts += [f"greylist {self.greylist}"] if self.greylist else []
        parts += ["domain on"] if self.domain else []
        return f"backup: {', '.join(parts)}; test it: `backup test`"


@frozen
class BackupTest(Command):
    """Send a test message straight to the backup, which relays accepted mail to the mail server."""

    words: ClassVar = ("backup", "test")
    facts: ClassVar = Facts(
        role="messaging-admin",
        where="outside network",
        anyone=True,
        result="report",
        product=InYourProduct(
            path="swaks --server BACKUP:25 --to you@your.domain; then the mailbox, or the backup's log",
            who="anyone with a shell outside",
            how_long="5 minutes",
            simplified="the backup relays it at once, even with a backlog",
        ),
    )

    def act(self, drill: Drill, turn: Turn) -> str:
        protection, (name,) = drill.protection, drill.dns.names((BACKUP,))
        protection.tests += 1
        answer = drill.world.inbound.hosts[BACKUP].answer(drill.now_ms, -1 - turn.key(protection.tests), 0)
        delivered = False
        if answer != "up":
            found = f"{name}: 550 5.7.1 relaying denied; it does not know the domain"
        elif not protection.backup_knows_tester(drill.now_ms):
            wait = in_words(protection.backup.greylist_ms)
            found = f"{name}: 451 4.7.1 greylisted, try again in {wait}; the rest is unknown until then"
        else:
            tested = send(drill, "backup", turn)
            delivered = tested.answer is None and tested.stopped is None
            found = f"{name}: 250; {_handed_on(drill, tested)}"
        return protection.noted(drill.now_ms, turn.by, "backup test", found, delivered=delivered)

    def found(self, drill: Drill, turn: Turn) -> bool:
        """True if the test message has arrived in the mailbox."""
        return drill.protection.tried["backup test"].delivered


def _handed_on(drill: Drill, tested: Tested) -> str:
    """What happens at the mail server to a message that the backup accepted."""
    if tested.answer is not None:
        fate = "the backup bounces it" if tested.answer.startswith("5") else "it stays queued at the backup"
        return f"the mail server answers the backup: {tested.answer}; {fate}{proves(drill, tested)}"
    if tested.stopped:
        return f"accepted by the mail server, and quarantined{proves(drill, tested)}"
    return "accepted by the mail server, the message is in the mailbox"
