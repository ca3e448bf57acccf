"""Who works on a step of a plan, and from when: the person for the role is at work, or has to be called.

All draws are keyed by the step. Whether people are busy or still at work follows from earlier steps.
"""

from collections.abc import Callable, Sequence

from sim.drill.drill_state import DrillState
from sim.drill.organisation.working_hours import next_duty_ms, on_duty, parse_hours
from sim.drill.plan.chance import Chance
from sim.drill.plan.people import PlanPerson
from sim.drill.plan.spread import Spread, fixed, quantiles
from sim.drill.room.staff import Desk, Newcomer
from sim.kernel.frozen import frozen

MOST_CALLS = 10_000
"""Number of failed calls after which no further call is drawn: a week, even with one call each minute."""

Record = Callable[[str, int], None]
"""Called with the name of each drawn duration, and with the duration in ms."""


@frozen
class PersonAsked:
    """The person who is asked to do something, and the time at which they start."""

    desk: Desk
    starts_ms: int
    held_by: str = ""
    """Why they do not start at once: `busy`, `answers`, or empty."""


@frozen
class _Answered:
    """The start of a person who is asked: `starts_ms`, and the drawn durations before it, by name."""

    starts_ms: int
    drawn: tuple[tuple[str, int], ...] = ()


@frozen
class StepRequest:
    """A step's request to the people in a role. `number`: number of the attempt, which keys the draws with
    the step; `whose` begins the names of the draws, and is empty for the step's owner.
    """

    step: str
    role: str
    number: int
    whose: str = ""


class CallOuts:
    """The people of one run of a plan, as they are asked to work on its steps."""

    def __init__(
        self, drill: DrillState, people: Sequence[PlanPerson], chance: Chance, record: Record
    ) -> None:
        self._drill, self._chance, self._record = drill, chance, record
        self._people = {person.role: person for person in people}

    def sets_times_of(self, role: str) -> bool:
        """True if the plan has an entry for the people in that role."""
        return role in self._people

    def ask(self, request: StepRequest, asked_ms: int) -> PersonAsked:
        """Ask the first person in the role who can start, at `asked_ms`, and record the draws.

        Among people at work who are not busy, the first in the organisation's file is asked.
        """
        desk = self.first(request, asked_ms)
        free_ms = desk.free_at_ms(asked_ms)
        if self._engaged(desk, asked_ms):
            return PersonAsked(desk, free_ms, "busy" if free_ms > asked_ms else "")
        answered = self._answered(request, desk, asked_ms)
        for name, length_ms in answered.drawn:
            self._record(name, length_ms)
        starts_ms = max(answered.starts_ms, free_ms)
        return PersonAsked(desk, starts_ms, "answers" if answered.starts_ms > asked_ms else "")

    def first(self, request: StepRequest, asked_ms: int) -> Desk:
        """The first person in the role who can start, without asking them."""

        def could_start_ms(desk: Desk, now_ms: int) -> int:
            free_ms = desk.free_at_ms(now_ms)
            if self._engaged(desk, now_ms) or self._at_work(request, desk, now_ms):
                return free_ms
            return max(free_ms, self._answered(request, desk, now_ms).starts_ms)

        return self._drill.staff.desk_for(request.role, asked_ms, could_start_ms)

    def _engaged(self, desk: Desk, now_ms: int) -> bool:
        """True if the person is busy with a task or has just finished one, and therefore need not be
        called.
        """
        stays_ms = self._drill.scenario.rules.staff.stays_ms
        return bool(desk.tasks) and now_ms < desk.free_at_ms(0) + stays_ms

    def _hours(self, request: StepRequest, desk: Desk) -> str | None:
        person = self._people.get(request.role)
        return (person.hours if person else None) or desk.person.hours

    def _at_work(self, request: StepRequest, desk: Desk, now_ms: int) -> bool:
        hours, scenario = self._hours(request, desk), self._drill.scenario
        return hours is None or on_duty(parse_hours(hours), scenario.starts_utc_ms + now_ms, scenario.zone)

    def _answered(self, request: StepRequest, desk: Desk, called_ms: int) -> _Answered:
        """The start of a person who is called at `called_ms`: in their hours, or outside them."""
        person, whose = self._people.get(request.role), request.whose
        in_vain = self._in_vain(request, person)
        lost_ms = sum(length_ms for _name, length_ms in in_vain)
        if self._at_work(request, desk, called_ms):
            spread = (person.answers if person else None) or fixed(0)
            drawn = self._drawn(request, f"{whose}answers", spread)
            return _Answered(called_ms + drawn[1] + lost_ms, (*_if_drawn(spread, drawn), *in_vain))
        hours, scenario = self._hours(request, desk), self._drill.scenario
        assert hours is not None  # a person without hours is always on duty
        start_ms = scenario.starts_utc_ms
        next_ms = next_duty_ms(parse_hours(hours), start_ms + called_ms, scenario.zone) - start_ms
        called = _out_of_hours(desk, person)
        if called is None:
            return _Answered(next_ms)
        spread, own = called
        drawn = self._drawn(request, f"{whose}answers at night", spread, desk.person.id if own else "")
        starts_ms = min(called_ms + drawn[1] + lost_ms, next_ms)
        return _Answered(starts_ms, (*_if_drawn(spread, drawn), *in_vain))

    def _drawn(self, request: StepRequest, purpose: str, spread: Spread, person: str = "") -> tuple[str, int]:
        """The name of a draw, and the drawn duration; `person`: see `Chance.duration`."""
        length_ms = self._chance.duration(request.step, purpose, spread, request.number, person)
        return f"{request.step}.{purpose}", length_ms

    def _in_vain(self, request: StepRequest, person: PlanPerson | None) -> tuple[tuple[str, int], ...]:
        """The time lost to unanswered calls, with its name; empty if the first call is answered."""
        name = f"{request.step}.{request.whose}calls in vain"
        if person is None or person.reached == 10_000 or name in self._chance.planned:
            return ()
        failed = 0 if person.reached else MOST_CALLS
        while failed < MOST_CALLS and not self._chance.happens(
            request.step, f"{request.whose}reached by call {failed}", person.reached, request.number
        ):
            failed += 1
        return ((name, failed * person.again_ms),) if failed else ()


def _if_drawn(spread: Spread, drawn: tuple[str, int]) -> tuple[tuple[str, int], ...]:
    return (drawn,) if spread.drawn else ()


def _out_of_hours(desk: Desk, person: PlanPerson | None) -> tuple[Spread, bool] | None:
    """Time until people start when called out of hours, and True if it is this person's own; None: not before
    their hours begin.
    """
    if person is not None and person.out_of_hours is not None:
        return None if person.out_of_hours == "none" else (person.out_of_hours, False)
    if desk.person.on_call_minutes is not None:
        return quantiles("on call", desk.person.on_call_minutes), True
    if person is not None and person.answers is not None and isinstance(desk.person, Newcomer):
        return person.answers, False
    return None
