"""The facts in the papers of a pack: the scenario, its list with times, phases and consequences."""

from dataclasses import dataclass
from datetime import datetime

from sim.drill.scenario.milestones import Milestone
from sim.drill.scenario.objective import Deadline
from sim.drill.scenario.scenario import Scenario
from sim.kernel.duration import HOUR_MS, MINUTE_MS
from sim.kernel.local_time import utc_ms_to_local
from sim.table.msel.columns import MselRow
from sim.table.msel.of_scenario import known_moments, limit_ms, limit_text, rows_of
from sim.table.msel.timings import Timings
from sim.table.pack.consequences import Consequence
from sim.table.pack.questions import STOP_WORD

_FIRST_PHASE_MS = 2 * HOUR_MS
_LAST_PHASE_MS = 4 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the drill with its own questions."""

    name: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class PackFacts:
    """Everything that the papers contain. `stop_word`: the words that a player says in a real emergency."""

    scenario: Scenario
    timed: Timings
    rows: tuple[MselRow, ...]
    phases: tuple[Phase, ...]
    consequences: tuple[Consequence, ...]
    stop_word: str = STOP_WORD

    @property
    def neutral_title(self) -> str:
        """For players: the organisation and the day, without the fault."""
        return self.scenario.neutral_title

    def local(self, ms: int) -> datetime:
        """Local date and time of a moment of the drill."""
        return utc_ms_to_local(self.scenario.starts_utc_ms + ms, self.scenario.zone)

    def clock(self, ms: int) -> str:
        """Local time, such as `Mon 09:24`."""
        return f"{self.local(ms):%a %H:%M}"

    def limit(self, deadline: Deadline) -> str:
        """A limit with its time on the clock, if known: `Mon 09:42 (outage.start + 30m)`."""
        at_ms = limit_ms(deadline, known_moments(self.scenario, self.timed))
        return limit_text(deadline) if at_ms is None else f"{self.clock(at_ms)} ({limit_text(deadline)})"


def facts_of(
    scenario: Scenario,
    timed: Timings,
    consequences: tuple[Consequence, ...],
    stop_word: str = STOP_WORD,
) -> PackFacts:
    """The facts of a pack."""
    return PackFacts(
        scenario, timed, tuple(rows_of(scenario, timed)), _phases(scenario, timed), consequences, stop_word
    )


def _phases(scenario: Scenario, timed: Timings) -> tuple[Phase, ...]:
    """Find out, keep people working, recover. The second phase begins when users are usually notified."""
    onset_ms, recovery_ms = scenario.outage_start_ms, scenario.outage_end_ms
    told = timed.came.get(Milestone.USERS_TOLD)
    told_ms = told.p50_ms if told is not None and told.p50_ms is not None else onset_ms + _FIRST_PHASE_MS
    first_ms = min(max(told_ms, onset_ms + 30 * MINUTE_MS), (onset_ms + recovery_ms) // 2)
    last_ms = max(timed.median().values(), default=0)
    return (
        Phase("Find out and decide", 0, first_ms),
        Phase("Keep people working", first_ms, recovery_ms),
        Phase("Recover and close", recovery_ms, max(last_ms, recovery_ms + _LAST_PHASE_MS)),
    )
