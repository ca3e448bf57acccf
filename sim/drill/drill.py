"""One run of a scenario: the world, the people in it, their actions, and the messages that reach them.

A `Drill` keeps no file and reads no clock. Everything in it follows from the scenario, the seed, and the
commands and real messages that it receives, each at the current moment of the drill.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from sim.drill.drill_state import DrillState
from sim.drill.instruments.last_seen import LastSeen
from sim.drill.organisation.vendor_file import gateway_console_rules
from sim.drill.people.colleagues import Colleagues
from sim.drill.people.conditional_injects import ConditionalInjects
from sim.drill.people.missed_mail import mail_comes_or_not
from sim.drill.people.scripted_injects import ScriptedInjects
from sim.drill.people.stakeholders import Stakeholders
from sim.drill.people.ticket_texts import about_calls, about_delay, about_returned
from sim.drill.room.incident_room import IncidentRoom
from sim.drill.room.repair_estimates import Estimate, Estimates
from sim.drill.scenario.anchor import resolve
from sim.drill.scenario.build_server import level_of
from sim.drill.scenario.build_users import users_of
from sim.drill.scenario.build_world import look_ahead_ms, notice_after_ms, windows_of
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.scenario import Inject, Scenario
from sim.drill.services.alerting import SERVICE, Alerts
from sim.drill.services.bounce_callers import MailFromOutside, WritersWhoAsk
from sim.drill.services.console_sessions import Consoles
from sim.drill.services.continuity_events import Continuity
from sim.drill.services.delay_callers import DelayNotices
from sim.drill.services.faults import Faults
from sim.drill.services.helpdesk import Helpdesk
from sim.drill.services.mail_routes import Protection
from sim.drill.services.milestone_watchers import Drained, FirstBounce, MailMoved, Short
from sim.drill.services.mx_zone import Dns
from sim.drill.services.post_office import PostOffice
from sim.drill.services.real_mail import Letter
from sim.drill.services.wire import WhoIsWho
from sim.drill.story import Story
from sim.kernel.conductor import Conductor, Watcher
from sim.kernel.draws import I64
from sim.mail.message.rows import Gone, Rows
from sim.mail.server.pressure_gauge import PressureEffect
from sim.mail.world import World
from sim.mail.world_spec import MailWay


class Drill(DrillState):
    """A running drill: combines its parts, lets faults and people act, and records the events."""

    def __init__(self, scenario: Scenario, seed: int, *, keyed_by_cause: bool = False) -> None:
        super().__init__(scenario, seed, keyed_by_cause=keyed_by_cause)
        windows = windows_of(scenario, seed)
        users = users_of(scenario, seed, keyed_by_time=keyed_by_cause)
        self._world = World(self.spec, users, windows, self._mail_left)
        self._world.intake.says, self._world.gateway_door.room.says = self._pressed, self._gateway_fills
        stale_ms = gateway_console_rules(scenario.files).stale_ms
        self.faults = Faults(self.present, seed, lambda: self.now_ms, stale_ms)
        self.alerting = Alerts(
            scenario, seed, self._world.queue, windows, self.at, keyed_by_cause=keyed_by_cause
        )
        self._answer_calls_and_letters()
        self._watch_recovery()
        news, ahead_ms = self.alerting.watchers, look_ahead_ms(scenario)
        self._conductor = Conductor(
            self._world, self._watchers(), self._version, news, ahead_ms, lambda: self._world.plays_senders
        )
        self.room = IncidentRoom(
            scenario, seed, self.staff, self.at, self.say, self.reach, self.clock, self.table
        )
        self.alerting.tell(self.say, self._alerted, self.room.sightings)
        self.continuity, self.colleagues = Continuity(self), Colleagues(self)
        self._open_zone_and_consoles()
        known, rules = scenario.organisation.estimates, scenario.rules.estimates
        self.estimates = Estimates(known, rules, seed, self.at, self._repaired_ms, self._estimated)
        self.stakeholders = Stakeholders(self, scenario.organisation.stakeholders)
        self.last_seen = LastSeen(self, self.console_answers)
        self._schedule_story()

    def _answer_calls_and_letters(self) -> None:
        """Set up the helpdesk, the people who ask about bounced mail, and the post office for real mail."""
        organisation, world = self.scenario.organisation, self._world
        calls, own_name = organisation.calls, organisation.server.name
        self.came_back = WritersWhoAsk(world, self.seed, calls.returned_percent, calls.after_minutes)
        self.helpdesk = Helpdesk(self._calls, self._helpdesk_says, self._turned_away)
        self.about_returned = Helpdesk(self.came_back.calls, self._asked_about_returned)
        notice_ms, says = notice_after_ms(self.scenario), partial(self.say, "mail")
        self.post_office = PostOffice(world, self._letters, self.who_is_who, notice_ms, own_name, says)

    def _watch_recovery(self) -> None:
        """Set up the watch for the first bounce, for injects with a condition, and for the drained queue."""
        scenario, world = self.scenario, self._world
        self.first_bounce = FirstBounce(world, lambda: self.reach(Milestone.BOUNCE_FIRST))
        self.conditional = ConditionalInjects(self, [one for one in scenario.injects if one.when is not None])
        end_ms, soon_ms = scenario.outage_end_ms, scenario.organisation.decision_rules.drained_below_ms
        self._recovery = (
            Drained(world, end_ms, self._queue_drained),
            Short(world, end_ms, soon_ms, lambda: self.reach(Milestone.QUEUE_SHORT)),
        )

    def _open_zone_and_consoles(self) -> None:
        """Set up the zone's editor, changes to mail routes, and sessions in the consoles."""
        organisation, rules, seed = self.scenario.organisation, self.scenario.rules, self.seed
        self.dns = Dns(organisation.zone, rules.inbound, seed, self.present, self.at, self.reach)
        restored = rules.outbound.restored_permille
        self.protection = Protection(organisation, restored, seed, self.present, self.dns, self.reach)
        by_directory = organisation.gateway.continuity_events.console_log_on == "directory"
        links, now = self.alert_links, lambda: self.now_ms
        self.consoles = Consoles(seed, rules.sessions.minutes, by_directory, self.faults, links, now)

    def _schedule_story(self) -> None:
        """Schedule faults, injects, the ends of continuity events, and the latest end of the drill."""
        scenario = self.scenario
        self.story = Story(self, self.last_seen, self.stakeholders, self.reach)
        self.looks_ahead = False  # True: injects do not fire, and the drill does not end
        self.scripted = ScriptedInjects(self, scenario.injects, self.reach)
        self._waiting_injects = [one for one in scenario.injects if one.at is not None]
        for fault in scenario.timeline:
            self.story.expect(fault)
        self.latest_ms = scenario.outage_end_ms + scenario.ends.after_recovery_at_most_ms
        """The latest time at which the drill can end."""
        self._conductor.at(self.latest_ms, self._end)
        self._schedule_injects()
        self.colleagues.schedule()

    def _watchers(self) -> tuple[Watcher, ...]:
        """The world's segments, in the order in which mail passes them within one millisecond."""
        scenario, pressure = self.scenario, self._world.intake.pressure
        return (
            *self.alerting.watchers,
            self.about_returned,
            self.helpdesk,
            MailFromOutside(self._world, self._comes_back),
            self.first_bounce,
            *self._recovery,
            *((pressure,) if pressure is not None else ()),
            *self._world.gateway_door.room.queues.values(),
            *self._world.server_door.watchers,
            self._world.suppression,
            MailMoved(self._world, self._mail_moved),
            self.post_office,
            DelayNotices(
                self._world,
                self.seed,
                scenario.organisation.calls.delayed_permille,
                notice_after_ms(scenario),
                self._asked_about_delays,
            ),
            *((self.conditional,) if self.conditional.waiting else ()),
        )

    # Time

    @property
    def changes(self) -> int:
        return self._conductor.changes

    def advance(self, to_ms: int, stop: Callable[[], bool] = lambda: False) -> None:
        """Advance over [now, to_ms), or only until `stop` is true after a change."""
        self._conductor.run(to_ms, stop)
        if self._letters.all:
            self._conductor.catch_up()  # the outcomes of real messages are reported as events

    # What happens

    def reach(self, milestone: Milestone) -> None:
        """Record a milestone; only the first time counts, and actions before the outage do not."""
        early = milestone.facts.of_the_outage and Milestone.OUTAGE_START not in self.milestones
        if milestone not in self.milestones and not early:
            self._stirred += self.conditional.awaits(milestone)
            self.milestones[milestone.value] = self.now_ms
            if not (self.consoles.hung and milestone.facts.shown_by == "gateway console"):
                self.known[milestone.value] = self.now_ms
            self.say("milestone", "drill", milestone.value, milestone.value)
            self._schedule_injects()
            self.colleagues.schedule()

    def unseen(self, act: Callable[[], object]) -> None:
        """Do `act`, whose result the console cannot show yet. The milestones that it reaches become known
        once the console answers again.
        """
        before = frozenset(self.milestones)
        act()
        for milestone in self.milestones.keys() - before:
            self.known.pop(milestone, None)

    def console_answers(self) -> None:
        """The gateway's console shows current figures again: everything hidden until now becomes known."""
        self.last_seen.answer()
        for milestone in self.milestones:
            self.known.setdefault(milestone, self.now_ms)

    def amend(self, timeline: tuple[Fault, ...]) -> None:
        """Change the faults of the story during the drill, for a facilitator; the past stays as it was.

        The last of them must end at `latest_ms` or earlier.
        """
        before = self.scenario.timeline
        self.scenario = self.scenario.model_copy(update={"timeline": timeline})
        self.room.amended(self.scenario, self.now_ms)
        self._stirred += 1
        for watcher in self._recovery:
            watcher.moved(self.scenario.outage_end_ms)
        for fault in timeline:
            if fault not in before and fault.at_ms >= self.now_ms:
                self.story.expect(fault)

    def _mail_moved(self) -> None:
        self.reach(Milestone.INBOUND_MOVED)
        mail_comes_or_not(self)

    def _repaired_ms(self) -> int | None:
        """The end of the mail server's present failure. Truth, used only for estimates."""
        since_ms = self.faults.failing_since_ms()
        return None if since_ms is None else since_ms + self.faults.repair_ms()

    def _estimated(self, one: Estimate) -> None:
        self.room.estimates.append(one)
        self.room.back_by_ms, self.room.sure_by_ms = one.by_ms, one.sure_ms
        self.say("call", "server team", one.told(self.clock), "estimate", to="incident-lead")

    def _pressed(self, before: PressureEffect, after: PressureEffect) -> None:
        if level_of(before) != level_of(after):
            server = self.scenario.organisation.server.name
            self.say("fault", server, f"back pressure: {level_of(after)}", level_of(after))

    def _gateway_fills(self, way: MailWay, full: bool) -> None:
        answer = "defers" if full else "accepts"
        state = f"its {way} queue is {'full' if full else 'no longer full'}: it {answer} new mail"
        self.say("fault", "gateway", state, f"{way} queue")

    def _mail_left(self, out: Gone) -> None:
        self._batches.left(out)

    def _calls(self, a_ms: int, b_ms: int) -> I64:
        """Moments in [a, b), sorted, at which users call the helpdesk about anything."""
        calls_ms, returned_ms = self.users.calls.between(a_ms, b_ms), self.came_back.calls(a_ms, b_ms)
        return np.sort(np.concatenate([calls_ms, returned_ms])) if len(returned_ms) else calls_ms

    def _turned_away(self, a_ms: int, b_ms: int) -> I64:
        """Moments in [a, b) at which users call because continuity does not let them in."""
        return self.users.calls.turned_away(a_ms, b_ms)

    def _helpdesk_says(self, calls: int) -> None:
        self.say("ticket", "helpdesk", about_calls(self, calls))

    def _alerted(self, source: str) -> None:
        self.reach(Milestone.ALERT_FIRST)
        if source == SERVICE:
            self.reach(Milestone.ALERT_QUEUE)

    def _asked_about_delays(self, rows: Rows, asked: int) -> None:
        self.say("ticket", *about_delay(self, rows, asked), "delay-notice")

    def _asked_about_returned(self, calls: int) -> None:
        self.say("ticket", *about_returned(self, calls), "returned")

    def event_over(self) -> None:
        """Called when a continuity event has just ended or expired."""
        self.stakeholders.look()

    def _comes_back(self) -> None:
        self.stakeholders.look()

    def _queue_drained(self) -> None:
        self.last_queued = self.world.a_minute_ago(self.milestones[Milestone.OUTAGE_END])
        self.reach(Milestone.QUEUE_DRAINED)
        self._conductor.at(self.now_ms + self.scenario.ends.wind_down_ms, self._end)

    def _end(self) -> None:
        if not self.ended and not self.looks_ahead:
            self.ended = self.complete = True
            self.say("end", "drill", "the drill is over")

    def finish(self) -> None:
        """End the drill here by hand; objectives not decided yet stay open."""
        if not self.ended:
            self.ended = True
            self.say("end", "drill", "ended by hand")

    def _schedule_injects(self) -> None:
        """Schedule the injects whose anchor has happened; those already due fire now."""
        for inject in tuple(self._waiting_injects):
            assert inject.at is not None
            due_ms = resolve(inject.at, self.milestones, self.scenario.starts_utc_ms, self.scenario.zone)
            if due_ms is not None:
                self._waiting_injects.remove(inject)
                self._conductor.at(max(due_ms, self.now_ms), lambda inject=inject: self.inject(inject))  # type: ignore[misc]

    def inject(self, inject: Inject) -> None:
        """Fire `inject`, which is due now."""
        if not self.looks_ahead:
            self.scripted.due(inject)

    # What people do

    def acknowledge(self) -> int:
        self.reach(Milestone.ALERT_ACKNOWLEDGED)
        return self.alerting.acknowledge()

    def receive(self, letter: Letter) -> int:
        """A real message arrives now; returns its identity."""
        self._conductor.catch_up()
        return self.post_office.receive(letter)

    def who_is_who(self) -> WhoIsWho:
        """The simulated people and organisations that stand for real addresses."""
        return WhoIsWho(self.seed, self.scenario.organisation.users, self.world.inbound.who())

    def digest(self) -> str:
        """The fingerprint of everything up to now (SHA-256, hexadecimal)."""
        whole = self._record.copy()
        whole.row((self.now_ms,), "checkpoint 1")
        self.world.digest(whole)
        return whole.hexdigest()
