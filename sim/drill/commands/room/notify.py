"""The command that notifies users, executives and partners over a channel."""

from dataclasses import replace
from itertools import islice
from typing import ClassVar, Literal

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.drill import Drill
from sim.drill.instruments.delivery_receipts import receipt
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation
from sim.drill.people.outside_reports import sends_out
from sim.drill.room.announcements import CAUSES, Statement
from sim.drill.room.delays import happens
from sim.drill.room.work_given import Turn
from sim.drill.scenario.milestones import TOLD, Milestone
from sim.kernel.duration import DAY_MS, in_words
from sim.kernel.frozen import frozen

Audience = Literal["users", "executives", "partners"]
NotifyChannel = Literal["phone", "sms", "intranet", "email", "chat"]

BY_TELEPHONE: tuple[NotifyChannel, ...] = ("phone", "sms")
"""Channels that do not depend on computers."""
LONGEST_PROMISE_MS = 7 * DAY_MS


@frozen
class Notify(Command):
    """Notify users, executives or partners over a channel that works."""

    audience: Audience = arg("choice", "the audience", choices=("users", "executives", "partners"))
    via: NotifyChannel = arg(
        "choice",
        "the channel",
        choices=("phone", "sms", "intranet", "email", "chat"),
        key="via",
        default="sms",
    )
    cause: str = arg("choice", "the cause stated in the update", choices=CAUSES, key="cause", default="")
    state: str = arg(
        "choice",
        "the state stated in the update: email is down, or email is back",
        choices=("down", "back"),
        key="state",
        default="",
    )
    back_in_ms: int | None = arg(
        "duration",
        "the time until email is back, as stated in the update",
        key="until",
        default=None,
        example="4h",
    )
    next_in_ms: int | None = arg(
        "duration", "the promised time until the next update", key="next", default=None, example="1h"
    )
    advise: str = arg(
        "choice",
        "a request: not to resend, because queued mail will arrive; or, for partners, to remove your "
        "addresses from their bulk senders' suppression lists",
        choices=("do-not-resend", "clear-lists"),
        key="advise",
        default="",
    )
    text: str = arg("text", "your wording, in quotes or to the end of the line", key="text", default="")

    words: ClassVar = ("notify",)
    facts: ClassVar = Facts(
        role="communications",
        where="incident room",
        undo="no",
        product=InYourProduct(
            path="SMS Continuity Services, your phone tree, intranet, Teams; never the email that is down",
            who="communications lead; for executives the incident lead",
            how_long="5 minutes to write; read within minutes to hours",
            simplified="only cause=, state=, until=, next= and advise= count; the text is not judged",
        ),
    )

    def never_works(self, organisation: Organisation, rules: HouseRules) -> str | None:
        channels = [channel.via for channel in organisation.channels]
        if self.via not in channels:
            return f"there is no {self.via} here; choose from {', '.join(channels)}"
        if max(self.back_in_ms or 0, self.next_in_ms or 0) > LONGEST_PROMISE_MS:
            return "a time more than 7 d away is not credible; give an earlier one"
        if self.advise == "clear-lists" and self.audience != "partners":
            return f"{self.audience} have no suppression lists; write notify partners advise=clear-lists"
        most = rules.words.phoned_at_most
        if self.audience == "users" and self.via == "phone" and organisation.users > most:
            return f"{organisation.users:,} people cannot all be phoned (at most {most}); write via=sms"
        if not self._says_something():
            return "the update is empty; add its content: state=down, cause=unknown, next=1h or text=…"
        return None

    def _instead(self, drill: Drill) -> str:
        """A channel outside the broken services that reaches this audience: `; use via=phone`."""
        others = (replace(self, via=via) for via in BY_TELEPHONE)
        organisation, rules = drill.scenario.organisation, drill.scenario.rules
        usable = (other.via for other in others if other.never_works(organisation, rules) is None)
        return "".join(f"; use via={via}" for via in islice(usable, 1))

    def _says_something(self) -> bool:
        promised = self.back_in_ms is not None or self.next_in_ms is not None
        return promised or bool(self.cause or self.state or self.advise or self.text.strip())

    def act(self, drill: Drill, turn: Turn) -> str:
        down = self._channel_is_down(drill)
        reached = 0 if down else self._tell(drill, turn)
        found, known = receipt(drill, self.audience, self.via, reached)
        if down:
            instead = self._instead(drill)
            found, known = f"{self.audience} not notified: {self.via} is down as well{instead}", True
        now_ms = drill.now_ms
        word = Statement(
            t_ms=now_ms,
            by=turn.by,
            audience=self.audience,
            via=self.via,
            reached=reached,
            known=known,
            cause=self.cause,
            back_by_ms=None if self.back_in_ms is None else now_ms + self.back_in_ms,
            says_back=self.state == "back",
            says_down=self.state == "down",
            next_ms=None if self.next_in_ms is None else now_ms + self.next_in_ms,
            advise=self.advise,
            text=self.text,
            key=turn.draws,
        )
        drill.room.said.append(word)
        drill.stakeholders.heard(word)
        enough = drill.users.count // 2 if self.audience == "users" else 0
        if reached and self.audience == "partners":
            self._asks_partners(drill)
        if reached > enough and not self._too_early(drill):
            drill.reach(TOLD[self.audience])
        if (reached or not known) and self.next_in_ms is not None:
            found += f"; next update promised in {in_words(self.next_in_ms)}"
        return found

    def _too_early(self, drill: Drill) -> bool:
        """True if the update reports email as restored before the incident room knew this; such an update
        does not count.
        """
        return self.state == "back" and Milestone.SERVER_REPORTED_BACK not in drill.milestones

    def _asks_partners(self, drill: Drill) -> None:
        """Apply the advice to partners: to hold copies back, or to clear their suppression lists."""
        world, now_ms = drill.world, drill.now_ms
        if self.advise == "do-not-resend":
            world.copies.partners_told_ms = min(world.copies.partners_told_ms, now_ms)
        elif self.advise:
            percent = drill.scenario.organisation.resending.partners_percent
            world.suppression.clears(now_ms + drill.scenario.rules.lists.cleared_after_ms, percent)

    def _tell(self, drill: Drill, turn: Turn) -> int:
        """The number of people that the update really reached; 1 or 0 for executives and partners. Truth."""
        if self.audience == "users":
            advises, holds_ms = self.advise == "do-not-resend", self._holds_until_ms(drill)
            return drill.continuity.tell(self.via, holds_ms, advises=advises, key=turn.draws)
        if self.via != "email":
            return 1
        waits = drill.server_down_since() is not None
        if waits or self.audience == "executives":
            return int(not waits)
        return int(sends_out(drill, turn.key(drill.commands_given)))

    def _holds_until_ms(self, drill: Drill) -> int | None:
        """The moment until which users rely on the update; None if it makes no promise.

        If the update reports email as restored while it is still down, users notice at once.
        """
        if self.state == "back" and drill.faults.in_force:
            return drill.now_ms
        named = [span for span in (self.back_in_ms, self.next_in_ms) if span is not None]
        return drill.now_ms + min(named) if named else None

    def _channel_is_down(self, drill: Drill) -> bool:
        """True if a vendor's incident has taken down the channel."""
        channel = next(one for one in drill.scenario.organisation.channels if one.via == self.via)
        if channel.run_by is None:
            return False
        since_ms = drill.room.pages.since_ms(channel.run_by, drill.now_ms)
        if since_ms is None:
            return False
        return happens(drill.seed, f"{self.via} down", since_ms, channel.down_percent)
