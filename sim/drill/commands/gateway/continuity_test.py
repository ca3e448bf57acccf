"""The command that tests continuity: pilot users of each app read mail, and write it."""

from typing import ClassVar

from sim.drill.commands.command import Command
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.commands.gateway.continuity import NEWEST, no_event
from sim.drill.drill import Drill
from sim.drill.people.pilots import pilots
from sim.drill.room.evidence import OPENED, Sighting
from sim.drill.room.incident_room import PilotsAsked
from sim.drill.room.work_given import Turn
from sim.drill.scenario.milestones import Milestone
from sim.kernel.frozen import frozen


@frozen
class ContinuityTest(Command):
    """Test continuity: pilot users of each app read mail, and write to each other and outside."""

    words: ClassVar = ("continuity", "test")
    facts: ClassVar = Facts(
        role="helpdesk",
        where="phone",
        result="report",
        product=InYourProduct(
            path="phone a pilot user of each app: Outlook, portal, mobile app, Mac",
            who="helpdesk",
            how_long="10 minutes",
            simplified="pilot users know their cloud password and are instructed by phone; there is one "
            "pilot user for each app",
        ),
    )

    def refusal(self, drill: Drill) -> str | None:
        return no_event(drill, NEWEST)

    def act(self, drill: Drill, turn: Turn) -> str:
        asked = pilots(drill)
        if all(pilot.works for pilot in asked):
            drill.reach(Milestone.CONTINUITY_VERIFIED)
        good = sum(pilot.works for pilot in asked)
        drill.room.pilots = PilotsAsked(drill.now_ms, len(asked), good)
        if asked and all(pilot.through_server for pilot in asked):
            drill.room.sightings.append(Sighting(drill.now_ms, OPENED))
        return f"{good} of {len(asked)} pilot users can work; " + "; ".join(
            f"{one.app}: {one.says}" for one in asked
        )

    def found(self, drill: Drill, turn: Turn) -> bool:
        """True if all pilot users who were asked can work."""
        return drill.room.pilots is not None and drill.room.pilots.work == drill.room.pilots.asked > 0
