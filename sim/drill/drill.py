"""One play of a scenario: the world, the people in it, what reaches them and what they do.

A `Drill` keeps no file and reads no clock. Everything about it follows from the scenario, the seed
and the commands and letters that it was given, each at the moment that had been reached.
"""

from collections.abc import Callable
from datetime import datetime

import numpy as np

from sim.drill.commands.command import Accepted, Command, Refused
from sim.drill.commands.dispatch import give
from sim.drill.instruments import server_console
from sim.drill.instruments.last_seen import LastSeen
from sim.drill.organisation.vendor_file import gateway_console_rules
from sim.drill.people.noticed_trouble import mail_comes_or_not
from sim.drill.people.stakeholders import Stakeholders
from sim.drill.people.ticket_texts import about_calls, about_delay, about_returned
from sim.drill.room.diagnosis import component_of
from sim.drill.room.events import Event, Kind
from sim.drill.room.incident_room import IncidentRoom
from sim.drill.room.repair_estimates import Estimate, Estimates
from sim.drill.room.staff import Staff
from sim.drill.scenario.anchor import OF_THE_CONSOLE, OF_THE_OUTAGE, resolve
from sim.drill.scenario.build_world import notice_after_ms, users_of, windows_of, world_spec
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.scenario import Inject, Scenario
from sim.drill.scenario.server_limits import level_of
from sim.drill.services.alerting import SERVICE, Alerting, OpenAlert
from sim.drill.services.bounce_callers import MailFromOutside, WritersWhoAsk
from sim.drill.services.console_sessions import Consoles
from sim.drill.services.continuity_events import Continuity
from sim.drill.services.delay_callers import DelayNotices
from sim.drill.services.faults import Faults
from sim.drill.services.forced_attempts import Batches
from sim.drill.services.helpdesk import Helpdesk
from sim.drill.services.mail_routes import Protection
from sim.drill.services.milestone_watchers import Drained, FirstBounce, MailMoved, Short
from sim.drill.services.mx_zone import Dns
from sim.drill.services.real_mail import Letter, Letters
from sim.kernel.conductor import Conductor, Watcher
from sim.kernel.digest import Fingerprint
from sim.kernel.draws import I64
from sim.kernel.local_time import day_clock, utc_ms_to_local
from sim.mail.message.rows import Gone, Rows
from sim.mail.server.back_pressure import Effect
from sim.mail.world import World


class Drill:
    """See the module. `now_ms` is the moment reached: everything before it has happened."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.seed, rules = scenario, seed, scenario.rules
        self.events: list[Event] = []
        self.milestones: dict[str, int] = {}
        """When each came: truth."""
        self.known: dict[str, int] = {}
        """When somebody could know of each; later than it came only if a console did not answer meanwhile."""
        self.unseen = False
        """Whether a command is carried out now of which nobody sees what comes of it."""
        self.commands_given = 0
        self.ended = False
        """Nothing happens any more."""
        self.complete = False
        """It has run its course, rather than been ended by hand."""
        self.letters = Letters()
        users = users_of(scenario, seed)
        windows = windows_of(scenario, seed)
        self.spec = world_spec(scenario, seed)
        """What the world is made of, for whoever asks for mail that it has not played."""
        self.world = World(self.spec, users, windows, self._mail_left)
        self.batches = Batches()
        self.faults = Faults(
            self.world, seed, lambda: self.now_ms, gateway_console_rules(scenario.files).stale_ms
        )
        self.alerting = Alerting(scenario, seed, self.world.queue, windows, self.at)
        calls = scenario.organisation.calls
        self.came_back = WritersWhoAsk(self.world, seed, calls.returned_percent, calls.after_minutes)
        self.helpdesk = Helpdesk(self._calls, self._helpdesk_says)
        self.about_returned = Helpdesk(self.came_back.calls, self._asked_about_returned)
        """Of its calls those about mail that came back."""
        self.world.intake.says = self._pressed
        self.first_bounce = FirstBounce(self.world, lambda: self.reach("bounce.first"))
        self._conductor = Conductor(self.world, self._watchers(), only_news=self.alerting.watchers)
        self.staff = Staff(
            scenario.organisation.staff, rules.staff.stays_ms, seed, scenario.starts_utc_ms, scenario.zone
        )
        self.room = IncidentRoom(scenario, seed, self.staff, self.at, self.say, self.reach, self.clock)
        self.alerting.tell(self.say, self._alerted, self.room.sightings)
        self.continuity = Continuity(self)
        self.dns = Dns(scenario.organisation.zone, rules.inbound, seed, self.world, self.at, self.reach)
        self.protection = Protection(
            scenario.organisation, rules.outbound.restored_permille, seed, self.world, self.dns, self.reach
        )
        self.consoles = Consoles(
            seed,
            rules.sessions.minutes,
            scenario.organisation.gateway.continuity_events.console_log_on == "directory",
            self.faults.sign_in_lost_since_ms,
            self.alert_links,
            lambda: self.now_ms,
            lambda: server_console.answers(self),
        )
        self.estimates = Estimates(
            scenario.organisation.estimates,
            rules.estimates,
            seed,
            self.at,
            self._repaired_ms,
            self._estimated,
        )
        self.stakeholders = Stakeholders(self, scenario.organisation.stakeholders)
        self.last_seen = LastSeen(self)
        self._server_name = scenario.organisation.server.name
        self.backlog: dict[str, int] = {}
        """What the last fault's end left to be delivered, by direction; empty before."""
        self._waiting_injects = list(scenario.injects)
        self._record = Fingerprint("events 1: t_ms kind source ref")
        for fault in scenario.timeline:
            self._conductor.at(fault.at_ms, lambda fault=fault: self._begin(fault))  # type: ignore[misc]
        latest_ms = scenario.outage_end_ms + scenario.ends.after_recovery_at_most_ms
        self._conductor.at(latest_ms, self._end)
        self._schedule_injects()
        self.continuity.schedule()

    def _watchers(self) -> tuple[Watcher, ...]:
        """Of the world, in the order in which they cross in one millisecond."""
        scenario, pressure = self.scenario, self.world.intake.pressure
        return (
            *self.alerting.watchers,
            self.about_returned,
            self.helpdesk,
            MailFromOutside(self.world, self._comes_back),
            self.first_bounce,
            Drained(self.world, scenario.outage_end_ms, self._queue_drained),
            Short(
                self.world,
                scenario.outage_end_ms,
                scenario.organisation.decision_rules.drained_below_ms,
                lambda: self.reach("queue.short"),
            ),
            *((pressure,) if pressure is not None else ()),
            *((self.world.throttle,) if self.world.throttle is not None else ()),
            *((self.world.mailboxes,) if self.world.mailboxes is not None else ()),
            self.world.suppression,
            MailMoved(self.world, self._mail_moved),
            DelayNotices(
                self.world,
                self.seed,
                scenario.organisation.calls.delayed_permille,
                notice_after_ms(scenario),
                self._asked_about_delays,
            ),
        )

    # Time

    @property
    def now_ms(self) -> int:
        return self._conductor.now_ms

    @property
    def changes(self) -> int:
        return self._conductor.changes

    def advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        """Cover [now, to_ms), or less: until `stop` is true after a change."""
        self._conductor.run(to_ms, stop)

    def at(self, moment_ms: int, act: Callable[[], None], only_news: bool = False) -> None:
        """Do `act` at `moment_ms`, which is not past; `only_news`: see the conductor."""
        self._conductor.at(moment_ms, act, only_news)

    def clock(self, moment_ms: int) -> str:
        """`Mon 14:05` of a moment, in local time; with the date where the weekday could mean another day."""
        return day_clock(self.local(moment_ms), self.local(self.now_ms))

    def local(self, moment_ms: int) -> datetime:
        """Local date and time of a moment, aware."""
        return utc_ms_to_local(self.scenario.starts_utc_ms + moment_ms, self.scenario.zone)

    # What happens

    def say(self, kind: Kind, source: str, text: str, ref: str = "", at_ms: int | None = None) -> None:
        """Something has happened, now or (told by the table) at `at_ms`; events stand in order of time."""
        if at_ms is None and self.letters.all:
            self._conductor.catch_up()  # a letter that left before a monitor spoke is told before it
        moment_ms = self.now_ms if at_ms is None else at_ms
        event = Event(len(self.events), moment_ms, kind, source, text, ref)
        self.events.append(event)
        self._record.row((event.t_ms,), f"{kind}\n{source}\n{ref}")

    def reach(self, milestone: str) -> None:
        """A milestone has come; only the first time counts, and of the outage's deeds none before it."""
        early = milestone in OF_THE_OUTAGE and "outage.start" not in self.milestones
        if milestone not in self.milestones and not early:
            self.milestones[milestone] = self.now_ms
            if not self.unseen and not (self.last_seen.hangs and milestone in OF_THE_CONSOLE):
                self.known[milestone] = self.now_ms
            self.say("milestone", "drill", milestone, milestone)
            self._schedule_injects()
            self.continuity.schedule()

    def console_answers(self) -> None:
        """The gateway's console shows again what is: what nobody could see until now is known."""
        self.last_seen.answer()
        for milestone in self.milestones:
            self.known.setdefault(milestone, self.now_ms)

    def _whose(self, fault: Fault) -> str:
        """What people call the component that misbehaves."""
        return "gateway" if component_of(fault) == "gateway" else self._server_name

    def _begin(self, fault: Fault) -> None:
        self.helpdesk.count(self.now_ms)
        self.last_seen.before_a_change()
        self.faults.begin(fault)
        if self.faults.sign_in_lost_since_ms() == self.now_ms:
            self._sessions_run_out()
        self.last_seen.after_a_change()
        self.protection.look_out(self.now_ms, self.faults.gateway.takes_outbound)
        self.say(
            "fault",
            self._whose(fault),
            f"{fault.fault}: {fault.says}" if fault.says else fault.fault,
            fault.id,
        )
        mail_comes_or_not(self)
        self.at(fault.until_ms, lambda: self._finish(fault))
        self.reach("outage.start")
        self.estimates.begin(self.now_ms)
        self.stakeholders.look()

    def _sessions_run_out(self) -> None:
        """The directory has died: whoever works at a console works on until their session ends."""
        for moment_ms in self.consoles.directory_lost(self.staff.at_work("messaging-admin", self.now_ms)):
            self.at(moment_ms, self.last_seen.remember)

    def _finish(self, fault: Fault) -> None:
        self.helpdesk.count(self.now_ms)
        failed = self.faults.failing_since_ms() is not None
        self.last_seen.before_a_change()
        self.faults.finish(fault)
        self.last_seen.after_a_change()
        self.protection.look_out(self.now_ms, self.faults.gateway.takes_outbound)
        works = self.faults.failing_since_ms() is None
        if (
            failed
            and works
            and self.scenario.organisation.gateway.release == "all"
            and not self.world.queue.paused
        ):
            self.world.retry()
        mail_comes_or_not(self)
        self.say("fault", self._whose(fault), f"over: {fault.fault}", fault.id)
        self.stakeholders.look()
        if self.now_ms >= self.scenario.outage_end_ms:
            self.backlog = self.world.backlog()
            self.reach("outage.end")

    def _mail_moved(self) -> None:
        self.reach("inbound.moved")
        mail_comes_or_not(self)

    def _repaired_ms(self) -> int | None:
        """When the present failure of the mail server ends (truth: for estimates only)."""
        since_ms = self.faults.failing_since_ms()
        return None if since_ms is None else since_ms + self.faults.repair_ms()

    def _estimated(self, one: Estimate) -> None:
        self.room.estimates.append(one)
        self.room.back_by_ms, self.room.sure_by_ms = one.by_ms, one.sure_ms
        self.say("call", "server team", one.told(self.clock), "estimate")

    def _pressed(self, before: Effect, after: Effect) -> None:
        if level_of(before) != level_of(after):
            self.say("fault", self._server_name, f"back pressure: {level_of(after)}", level_of(after))

    def _mail_left(self, out: Gone) -> None:
        self.batches.left(out)
        for effect in self.letters.left(out, self.faults.last_reply()):
            fate = "taken by the mail server" if effect.kind == "relay" else "returned to its sender"
            letter = self.letters.of(effect.message)
            self.say(
                "mail", "gateway", f"{letter.subject if letter else ''}: {fate}", str(effect.n), effect.t_ms
            )

    def _calls(self, a_ms: int, b_ms: int) -> I64:
        """Moments in [a, b), sorted, at which users call the helpdesk, whatever about."""
        calls_ms, returned_ms = self.world.users.calls(a_ms, b_ms), self.came_back.calls(a_ms, b_ms)
        return np.sort(np.concatenate([calls_ms, returned_ms])) if len(returned_ms) else calls_ms

    def _helpdesk_says(self, calls: int) -> None:
        self.say("ticket", "helpdesk", about_calls(self, calls))

    def _alerted(self, source: str) -> None:
        self.reach("alert.first")
        if source == SERVICE:
            self.reach("alert.queue")

    def _asked_about_delays(self, rows: Rows, asked: int) -> None:
        self.say("ticket", *about_delay(self, rows, asked), "delay-notice")

    def _asked_about_returned(self, calls: int) -> None:
        self.say("ticket", *about_returned(self, calls), "returned")

    def _comes_back(self) -> None:
        self.stakeholders.look()

    def _queue_drained(self) -> None:
        self.reach("queue.drained")
        self._conductor.at(self.now_ms + self.scenario.ends.wind_down_ms, self._end)

    def _end(self) -> None:
        if not self.ended:
            self.ended = self.complete = True
            self.say("end", "drill", "the drill is over")

    def finish(self) -> None:
        """End the drill here, by hand; what is not decided stays open."""
        if not self.ended:
            self.ended = True
            self.say("end", "drill", "ended by hand")

    def _schedule_injects(self) -> None:
        """Put injects whose anchor has come on the agenda; those due in the past come now."""
        for inject in tuple(self._waiting_injects):
            due_ms = resolve(inject.at, self.milestones, self.scenario.starts_utc_ms, self.scenario.zone)
            if due_ms is not None:
                self._waiting_injects.remove(inject)
                self._conductor.at(max(due_ms, self.now_ms), lambda inject=inject: self._inject(inject))  # type: ignore[misc]

    def _inject(self, inject: Inject) -> None:
        if any(milestone in self.milestones for milestone in inject.unless):
            return
        self.say(inject.kind, inject.from_, inject.text, inject.id)
        if inject.back_by is not None:
            start_ms, zone = self.scenario.starts_utc_ms, self.scenario.zone
            self.room.back_by_ms = resolve(inject.back_by, self.milestones, start_ms, zone)
            self.room.sure_by_ms = None
        if inject.marks:
            self.reach(inject.marks)

    # What people do

    def give(self, command: Command, text: str) -> Accepted | Refused:
        """See `giving.give`."""
        return give(self, command, text)

    def acknowledge(self) -> int:
        self.reach("alert.acknowledged")
        return self.alerting.acknowledge()

    def receive(self, letter: Letter) -> int:
        """A real message arrives at the gateway now; returns its identity."""
        identity = self.world.receive(self.letters.add(letter), letter.size)
        self.say(
            "mail",
            "gateway",
            f"{letter.subject}: accepted from {letter.envelope_from or '<>'}",
            str(identity),
        )
        return identity

    # What people can find out

    def tell_users(self, via: str, until_ms: int | None = None, *, advises: bool = False) -> int:
        """Tell all users over a channel; returns how many it reaches. See `Continuity.tell`."""
        return self.continuity.tell(via, until_ms, advises=advises)

    def server_down_since(self) -> int | None:
        """Since when the mail server fails attempts, None while it takes every message."""
        return self.faults.failing_since_ms()

    def reply(self) -> str:
        """What the mail server's address answers now, in the words of the last error."""
        failing = self.faults.gravest()
        return failing.says if failing is not None else "answers"

    def seen_ms(self) -> int:
        """The moment that the figures of the gateway's console are of."""
        reached_ms = min(self.faults.gateway.seen_ms(self.now_ms), self.consoles.seen_ms(self.now_ms))
        return min(reached_ms, self.last_seen.hangs_since_ms(self.now_ms))

    def alert_links(self) -> list[int]:
        """Until when each link that still works is valid."""
        return [until_ms for until_ms in self.alerting.links if self.now_ms < until_ms]

    def email_links(self) -> list[int]:
        """The same for links in alerts' emails that somebody can read."""
        return [until_ms for until_ms in self.alerting.email_links if self.now_ms < until_ms]

    def open_alerts(self) -> list[OpenAlert]:
        """Alerts that have reached somebody and that nobody has acknowledged."""
        return self.alerting.unacknowledged() if "alert.first" in self.milestones else []

    def last_error(self) -> str:
        """The last SMTP error of an inbound delivery attempt, empty before the first."""
        if self.world.queue.last_failure_ms is None:
            return ""
        return f"{self.faults.last_reply()} at {self.clock(self.world.queue.last_failure_ms)}"

    def digest(self) -> str:
        """The fingerprint of everything up to now (SHA-256, hexadecimal)."""
        whole = self._record.copy()
        whole.row((self.now_ms,), "checkpoint 1")
        self.world.digest(whole)
        return whole.hexdigest()
