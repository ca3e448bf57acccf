"""The state of a drill: the simulated mail, the people, the records and the current moment, with functions
that read them.

`sim.drill.drill` puts the parts together and makes things happen. Instruments and people see only this state.
"""

from collections.abc import Callable
from datetime import datetime

from sim.drill.room.draw_keys import DrawKeys
from sim.drill.room.events import Event, EventKind
from sim.drill.room.incident_room import IncidentRoom
from sim.drill.room.repair_estimates import Estimates
from sim.drill.room.staff import Staff
from sim.drill.room.table_record import TableRecord
from sim.drill.room.work_given import WorkGiven
from sim.drill.scenario.build_world import world_spec
from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.scenario import Scenario
from sim.drill.services.alerting import Alerts, OpenAlert
from sim.drill.services.bounce_callers import WritersWhoAsk
from sim.drill.services.console_sessions import Consoles
from sim.drill.services.continuity_events import Continuity
from sim.drill.services.faults import Faults
from sim.drill.services.forced_attempts import Batches
from sim.drill.services.helpdesk import Helpdesk
from sim.drill.services.mail_routes import Protection
from sim.drill.services.mx_zone import Dns
from sim.drill.services.real_mail import Letters
from sim.kernel.conductor import Conductor
from sim.kernel.digest import Fingerprint
from sim.kernel.local_time import day_clock, utc_ms_to_local
from sim.mail.users.users import Users
from sim.mail.world import World


class DrillState:
    """The state of one drill. `now_ms` is the current moment: everything before it has happened."""

    _world: World
    faults: Faults
    alerting: Alerts
    helpdesk: Helpdesk
    about_returned: Helpdesk
    """Helpdesk calls that are about bounced mail."""
    came_back: WritersWhoAsk
    room: IncidentRoom
    continuity: Continuity
    dns: Dns
    protection: Protection
    consoles: Consoles
    estimates: Estimates
    _conductor: Conductor

    def __init__(self, scenario: Scenario, seed: int, *, keyed_by_cause: bool = False) -> None:
        """The parts declared above depend on each other; `Drill` creates them."""
        self.scenario, self.seed = scenario, seed
        self.keyed_by_cause = keyed_by_cause
        """True in the drill of a plan: draws that other drills key by a count are keyed by their cause, such
        as the time of a call.
        """
        self.events: list[Event] = []
        self.milestones: dict[str, int] = {}
        """The time in ms at which each milestone was really reached."""
        self.known: dict[str, int] = {}
        """The time from which people could know about each milestone: later than the milestone itself only
        if a console did not answer.
        """
        self.commands_given = 0
        self.draw_keys = DrawKeys()
        self.results: dict[int, str] = {}
        """For each command that has been carried out, by number: the reason why it failed; empty if it did
        not fail.
        """
        self.ended = False
        """True once the drill is over; nothing happens after that."""
        self.complete = False
        """True if the drill reached its end by itself; False if it was ended by hand."""
        self.spec = world_spec(scenario, seed)
        """The world's specification, for questions about mail that has not been simulated yet."""
        self._letters, self._batches = Letters(), Batches()
        self._stirred = 0
        """Number of events so far that can make a condition true: milestones that conditions name, and
        changes of the story.
        """
        self.staff = Staff(
            scenario.organisation.staff,
            scenario.rules.staff.stays_ms,
            seed,
            scenario.starts_utc_ms,
            scenario.zone,
        )
        self.work = WorkGiven(self.at)
        """The commands that have been given to people."""
        self.table = TableRecord()
        """The people at the table, if several play this drill together."""
        self.backlog: dict[str, int] = {}
        """For each direction, messages still undelivered at the end of the last fault; empty before that."""
        self.last_queued: dict[str, int] = {}
        """For each place, the backlog's inbound mail one minute before the backlog was fully delivered;
        empty before that.
        """
        self._record = Fingerprint("events 1: t_ms kind source ref")

    # Time

    @property
    def now_ms(self) -> int:
        return self._conductor.now_ms

    def at(self, moment_ms: int, act: Callable[[], None]) -> None:
        """Do `act` at `moment_ms`, which must not be in the past."""
        self._conductor.at(moment_ms, act)

    def present(self) -> World:
        """The world now. The world may lag behind between readings; each reading advances it."""
        self._conductor.catch_up()
        return self._world

    def stops_at(self, moment_ms: int) -> None:
        """The run stops at `moment_ms`: until then watchers do not look beyond it."""
        self._conductor.stops_ms = moment_ms

    def in_slices(self) -> None:
        """Bring the world up to date. From now on, time advances in short slices, because a screen waits
        for each slice.
        """
        self._conductor.begin_slices()
        self._conductor.catch_up()

    @property
    def world(self) -> World:
        """The world as last advanced; see `present`."""
        return self.present()

    def _version(self) -> int:
        """The number of changes so far to what watchers observe."""
        return self._world.version + self.alerting.acknowledged + len(self._letters.all) + self._stirred

    @property
    def lagging_world(self) -> World:
        """The world at its own `now_ms`, for questions about the time from then until now that it can answer
        in advance.
        """
        return self._world

    @property
    def users(self) -> Users:
        """The users, for reading: they do not change with time alone, so the world may lag behind."""
        return self._world.users

    @property
    def letters(self) -> Letters:
        """Real messages up to now, and what happened to each."""
        self._conductor.catch_up()
        return self._letters

    @property
    def batches(self) -> Batches:
        """Retries forced so far, and what happened to their messages."""
        self._conductor.catch_up()
        return self._batches

    def clock(self, moment_ms: int) -> str:
        """A moment in local time, such as `Mon 14:05`; with the date if the weekday is ambiguous."""
        return day_clock(self.local(moment_ms), self.local(self.now_ms))

    def local(self, moment_ms: int) -> datetime:
        """Local date and time of a moment, with time zone."""
        return utc_ms_to_local(self.scenario.starts_utc_ms + moment_ms, self.scenario.zone)

    # What is recorded

    def say(
        self,
        kind: EventKind,
        source: str,
        text: str,
        ref: str = "",
        at_ms: int | None = None,
        to: str = "",
    ) -> None:
        """Record an event now, or at `at_ms` if it comes from the table; events stay in chronological
        order.
        """
        if at_ms is None and self._letters.all:
            self._conductor.catch_up()  # a message that left before a monitor's report is reported before it
        moment_ms = self.now_ms if at_ms is None else at_ms
        event = Event(len(self.events), moment_ms, kind, source, text, ref, to)
        self.events.append(event)
        self._record.row((event.t_ms,), f"{kind}\n{source}\n{ref}")

    # Facts that people can find out

    def server_down_since(self) -> int | None:
        """The time since which attempts at the mail server have failed; None while it accepts every
        message.
        """
        return self.faults.failing_since_ms()

    def reply(self) -> str:
        """The reply of the mail server's address now, as in the last error."""
        failing = self.faults.gravest()
        return failing.says if failing is not None else "answers"

    def alert_links(self) -> list[int]:
        """The time until which each working link is valid."""
        return [until_ms for until_ms in self.alerting.links if self.now_ms < until_ms]

    def email_links(self) -> list[int]:
        """Expiry of each valid link in an alert email that can be read."""
        return [until_ms for until_ms in self.alerting.email_links if self.now_ms < until_ms]

    def open_alerts(self) -> list[OpenAlert]:
        """Alerts that have reached a phone and have not been acknowledged."""
        return self.alerting.unacknowledged() if Milestone.ALERT_FIRST in self.milestones else []

    def last_error(self) -> str:
        """The last SMTP error of an inbound delivery attempt, empty before the first."""
        if self.world.queue.last_failure_ms is None:
            return ""
        return f"{self.faults.last_reply()} at {self.clock(self.world.queue.last_failure_ms)}"
