"""The story of a drill: each fault begins, becomes stronger or weaker, and ends at its time.

Each change of a fault also reaches the consoles, the mail and the people that depend on it.
"""

from collections.abc import Callable
from functools import partial

from sim.drill.drill_state import DrillState
from sim.drill.instruments.last_seen import LastSeen
from sim.drill.people.missed_mail import mail_comes_or_not
from sim.drill.people.stakeholders import Stakeholders
from sim.drill.scenario.fault import Fault
from sim.drill.scenario.milestones import Milestone


class Story:
    """The faults of one drill as they happen."""

    def __init__(
        self,
        drill: DrillState,
        last_seen: LastSeen,
        stakeholders: Stakeholders,
        reach: Callable[[Milestone], None],
    ) -> None:
        """`reach`: called with a milestone that has been reached."""
        self._drill, self._last_seen, self._stakeholders, self._reach = drill, last_seen, stakeholders, reach

    def expect(self, fault: Fault) -> None:
        """Begin the fault at its moment, unless it has been changed or removed from the story by then."""
        drill = self._drill

        def begin() -> None:
            if fault in drill.scenario.timeline and not drill.faults.has(fault):
                self._begin(fault)

        drill.at(fault.at_ms, begin)

    def turn_into(self, fault: Fault, other: Fault) -> None:
        """Replace the fault in force by `other`, which has the same id and another strength or end."""
        drill = self._drill
        self._change(lambda: drill.faults.turn_into(fault, other))
        mail_comes_or_not(drill)
        self._stakeholders.look()
        for moment_ms in other.steps_ms:
            if moment_ms > drill.now_ms:
                drill.at(moment_ms, self._ramp)
        if other.until_ms > drill.now_ms:
            drill.at(other.until_ms, partial(self._finish, other))
        else:
            self._finish(other)

    def _change(self, act: Callable[[], None]) -> None:
        """Let the faults in force change by `act`, between the last readings before and the first after."""
        self._drill.helpdesk.count(self._drill.now_ms)
        self._last_seen.before_a_change()
        act()
        self._last_seen.after_a_change()

    def _begin(self, fault: Fault) -> None:
        drill = self._drill

        def begins() -> None:
            drill.faults.begin(fault)
            if drill.faults.sign_in_lost_since_ms() == drill.now_ms:
                self._sessions_run_out()

        self._change(begins)
        drill.protection.look_out(drill.now_ms, drill.faults.gateway.takes_outbound)
        told = f"{fault.told}: {fault.says}" if fault.says else fault.told
        drill.say("fault", self._whose(fault), told, fault.id)
        mail_comes_or_not(drill)
        for moment_ms in fault.steps_ms:
            drill.at(moment_ms, self._ramp)
        drill.at(fault.until_ms, partial(self._finish, fault))
        self._reach(Milestone.OUTAGE_START)
        drill.estimates.begin(drill.now_ms)
        self._stakeholders.look()

    def _sessions_run_out(self) -> None:
        """Called when the directory has failed: people signed in to a console can work until their session
        ends.
        """
        drill = self._drill
        for moment_ms in drill.consoles.directory_lost(drill.staff.at_work("messaging-admin", drill.now_ms)):
            drill.at(moment_ms, self._last_seen.remember)

    def _ramp(self) -> None:
        """Called when a fault has become stronger or weaker."""
        self._change(self._drill.faults.ramp)
        mail_comes_or_not(self._drill)
        self._stakeholders.look()

    def _finish(self, fault: Fault) -> None:
        drill = self._drill
        if not drill.faults.has(fault):
            return  # a facilitator has changed the fault, which now ends at another moment
        failed = drill.faults.failing_since_ms() is not None
        self._change(lambda: drill.faults.finish(fault))
        drill.protection.look_out(drill.now_ms, drill.faults.gateway.takes_outbound)
        works = drill.faults.failing_since_ms() is None
        releases = drill.scenario.organisation.gateway.release == "all"
        if failed and works and releases and not drill.world.queue.paused:
            drill.world.cloud.retry()
        mail_comes_or_not(drill)
        drill.say("fault", self._whose(fault), f"ended: {fault.told}", fault.id)
        self._stakeholders.look()
        if drill.now_ms >= drill.scenario.outage_end_ms:
            drill.backlog = drill.world.backlog()
            self._reach(Milestone.OUTAGE_END)

    def _whose(self, fault: Fault) -> str:
        """Name of the failing component for people."""
        server = self._drill.scenario.organisation.server
        return "gateway" if fault.kind.component == "gateway" else server.name
