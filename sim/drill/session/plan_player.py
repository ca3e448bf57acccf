"""Runs a plan: each step waits for other steps, its time, its places and its person, and may fail.

All actions of people pass through `Session.assign`, so that a journaled run replays like any drill.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from heapq import heappop, heappush

from sim.drill.commands.command import Assignment, Command
from sim.drill.commands.grammar import parse
from sim.drill.commands.outcome import Accepted
from sim.drill.organisation.places_file import Leans, Place
from sim.drill.organisation.working_hours import next_duty_ms, parse_hours
from sim.drill.people.call_outs import CallOuts, PersonAsked, StepRequest
from sim.drill.plan.chance import Chance, command_key
from sim.drill.plan.fields import DONE
from sim.drill.plan.plan_file import Plan
from sim.drill.plan.plan_step import PlanStep
from sim.drill.plan.spread import Spread
from sim.drill.room.work_given import NEEDLESS, Turn
from sim.drill.scenario.anchor import ALERT_OPEN, Anchor, Moment, Since, resolve
from sim.drill.scenario.milestones import Milestone
from sim.drill.session.load_plan import owner_of
from sim.drill.session.plan_run import StepRun, failed_attempt
from sim.drill.session.session import Session
from sim.kernel.conductor import FOREVER_MS

_VERIFYING = 1_000
"""Number of the attempt that keys how soon people start on a check that verifies a step."""


class PlanPlayer:
    """Runs `plan` in `session`; `play` may be called again, with a later time."""

    def __init__(self, session: Session, plan: Plan, chance: Chance) -> None:
        self._session, self._drill, self._plan, self._chance = session, session.drill, plan, chance
        self.steps = {step.id: StepRun(step.id) for step in plan.steps}
        self.drawn: dict[str, int] = {}
        self.hung: dict[tuple[str, str], tuple[str, int]] = {}
        """(step, place) → (the reason why people cannot sign in, the time at which the step began to wait
        for the place).
        """
        self._by_id = {step.id: step for step in plan.steps}
        self._call_outs = CallOuts(self._drill, plan.people, chance, self._note_drawn)
        self._places = {place.id: place for place in plan.places}
        self._fallbacks = plan.fallbacks
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._added = 0
        self._under_way: dict[int, Callable[[str], None]] = {}
        """For each command in progress, by number: the function that is called with its result."""
        self._effects: dict[int, PlanStep] = {}
        """For each command that carries out a step, by number: the step."""
        self._moved: dict[int, Callable[[], None]] = {}
        """For each command in progress that carries out a step, by number: the function that records when its
        person works on it.
        """
        self._not_before_ms: dict[str, int] = {}
        """For each repeated step, the earliest time of its next repetition."""
        self._checks: Counter[tuple[str, int]] = Counter()
        """For each attempt at a step: its checks so far, which verify the step."""

    def play(self, until_ms: int, settles_ms: Callable[[], int] = lambda: FOREVER_MS) -> None:
        """Continue until the drill ends, `until_ms` is reached, or `settles_ms` is past.

        `settles_ms`: the last moment that can still matter, as far as known now. So the end of a run does not
        depend on the moments of steps that do not matter.
        """
        session = self._session
        while not session.ended and session.now_ms < until_ms and session.now_ms <= settles_ms():
            self._react()
            next_ms = min(self._next_ms(), until_ms, settles_ms() + 1)
            session.advance(max(next_ms, session.now_ms + 1), self._something_came())
        self._note_effects()

    def _note_effects(self) -> None:
        """Record the commands that took effect in the change that ended the run, without giving any
        further command.
        """
        for number, step in self._effects.items():
            if self._drill.results.get(number) == "" and self.steps[step.id].acted_ms is None:
                effective_ms = self._drill.work.numbered(number).effective_ms
                self.steps[step.id].acted_ms = effective_ms
                if not step.verify:
                    self._finish(step, effective_ms)

    # What is due

    def _something_came(self) -> Callable[[], bool]:
        drill, alerting = self._drill, self._drill.alerting
        before = (len(drill.known), len(drill.results), len(drill.faults.in_force), alerting.open_ms())
        return lambda: (
            before != (len(drill.known), len(drill.results), len(drill.faults.in_force), alerting.open_ms())
        )

    def _next_ms(self) -> int:
        moments = [self._agenda[0][0]] if self._agenda else []
        for step in self._plan.steps:
            state = self.steps[step.id].state
            if state == "waiting" or (step.id in self._not_before_ms and state != "due"):
                due = self._due(step)
                if due is not None:
                    moments.append(due[0])
        return min(moments, default=FOREVER_MS)

    def _react(self) -> None:
        """Do everything that is due now, in the order of the file."""
        now_ms = self._session.now_ms
        for number in [one for one in self._under_way if one in self._drill.results]:
            self._under_way.pop(number)(self._drill.results[number])
        while self._agenda and self._agenda[0][0] <= now_ms:
            heappop(self._agenda)[2]()
        for step in self._plan.steps:
            run = self.steps[step.id]
            if run.state == "due":
                self._go_in(step)
            elif run.state == "waiting" or step.id in self._not_before_ms:
                due = self._due(step)
                if due is not None and due[0] <= now_ms:
                    self._begin(step, *due)

    def _later(self, moment_ms: int, act: Callable[[], None]) -> None:
        self._added += 1
        heappush(self._agenda, (moment_ms, self._added, act))

    def _due(self, step: PlanStep) -> tuple[int, str] | None:
        """The time at which the step is due, and the cause; None while it is not known. Fallbacks never
        have one.
        """
        if step.id in self._fallbacks and step.at is None and not step.after:
            return None
        found: list[tuple[int, str]] = []
        for other in step.after:
            done_ms = self.steps[other].done_ms
            if done_ms is None:
                return None
            found.append((done_ms, other + DONE))
        if step.due is not None:
            moment = self._resolved(step.due)
            if moment is None:
                return None
            found.append(moment)
        due_ms, because = max(found, key=lambda one: one[0])
        return self._in_hours(step, max(due_ms, self._not_before_ms.get(step.id, 0))), because

    def _resolved(self, anchor: Anchor) -> tuple[int, str] | None:
        """The time of `anchor`, and the name of its cause; None while it has not been reached."""
        scenario = self._session.scenario
        come = self._come()
        found: list[tuple[int, str]] = []
        for moment in anchor.moments:
            one_ms = resolve(Anchor(anchor.text, (moment,)), come, scenario.starts_utc_ms, scenario.zone)
            if one_ms is None:
                return None
            found.append((one_ms, _name(moment)))
        return max(found, key=lambda one: one[0])

    def _come(self) -> Mapping[str, int]:
        open_ms = self._drill.alerting.open_ms()
        done = {f"{id_}{DONE}": run.done_ms for id_, run in self.steps.items() if run.done_ms is not None}
        return self._drill.known | done | ({} if open_ms is None else {ALERT_OPEN: open_ms})

    def _in_hours(self, step: PlanStep, moment_ms: int) -> int:
        if step.hours is None:
            return moment_ms
        start_ms = self._session.scenario.starts_utc_ms
        hours, zone = parse_hours(step.hours), self._session.scenario.zone
        from_ms = max(moment_ms, self._session.now_ms)
        return next_duty_ms(hours, start_ms + from_ms, zone) - start_ms

    # One step

    def _begin(self, step: PlanStep, due_ms: int, because: str) -> None:
        run = self.steps[step.id]
        if self._needless(step):
            self._leave_out(step, self._session.now_ms)
            return
        if step.every_ms is not None:
            self._not_before_ms[step.id] = max(due_ms, self._session.now_ms) + step.every_ms
        if run.due_ms is None:
            run.due_ms, run.because = due_ms, because

        run.state = "due"
        self._go_in(step)

    def _needless(self, step: PlanStep) -> bool:
        return any(milestone in self._drill.known for milestone in step.unless)

    def _leave_out(self, step: PlanStep, at_ms: int) -> None:
        """Skip the step from `at_ms` on; one that has been done before stays done."""
        run = self.steps[step.id]
        self._not_before_ms.pop(step.id, None)
        run.state, run.reason = "done", ""
        if run.done_ms is None:
            run.state, run.done_ms = "left out", at_ms

    def _go_in(self, step: PlanStep) -> None:
        """Work on the step, unless a place that it needs cannot be reached, or it is not needed any more."""
        run = self.steps[step.id]
        if self._needless(step):
            self._leave_out(step, self._session.now_ms)
            return
        for place in (self._places[one] for one in step.needs):
            why = self._shut(place)
            if why:
                run.held_by, run.reason = f"place {place.id}", why
                self.hung.setdefault((step.id, place.id), (why, self._session.now_ms))
                return
        run.reason = ""
        self._attempt(step)

    def _shut(self, place: Place) -> str:
        """The reason why people cannot sign in now, in words; empty if they can."""
        leans = place.leans_on(self._session.scenario.organisation.domain)
        return next((why for what, why in leans.items() if self._gone(what)), "")

    def _gone(self, what: Leans) -> bool:
        drill = self._drill
        match what:
            case "directory":
                return drill.faults.sign_in_lost
            case "gateway console":
                return drill.consoles.gateway().answers == "not at all"
            case "mail server console":
                return drill.consoles.server_down
            case "inbound mail":
                failing = {fault.kind.component for fault in drill.faults.in_force}
                by_gateway = "gateway" in failing and Milestone.INBOUND_MOVED not in drill.milestones
                return by_gateway or bool(failing & {"mail-server", "access"})

    def _again(self, step: PlanStep) -> None:
        if self._needless(step):
            self._leave_out(step, self._session.now_ms)
        else:
            self._attempt(step)

    def _attempt(self, step: PlanStep) -> None:
        run, number = self.steps[step.id], self.steps[step.id].tries
        run.tries += 1
        run.state = "working"
        command = parse(step.do) if step.do else None
        role = owner_of(command, step.owner)
        takes_ms = self._takes(step, command, number)
        fails = not step.prepared and self._chance.happens(step.id, "fails", step.fails, number)
        text = failed_attempt(step.id) if fails else (step.do or f"note {step.id}: {step.manual}")
        draws = command_key(step.id, run.tries)
        accepted = self._give(step, text, StepRequest(step.id, role, number), takes_ms, draws, step.unless)
        if accepted is None:
            return
        first = run.starts_ms is None

        def note_times() -> None:
            """The command's own times, which are earlier if the person was spared an earlier command."""
            starts_ms = self._drill.work.numbered(accepted.number).task.starts_ms
            run.starts_ms = starts_ms if first else run.starts_ms
            run.worked_ms = starts_ms + takes_ms

        note_times()
        self._moved[accepted.number] = note_times
        if not fails:
            self._effects[accepted.number] = step

        def then(result: str) -> None:
            del self._moved[accepted.number]
            hand = self._drill.work.numbered(accepted.number)
            if result == NEEDLESS:
                run.tries, run.starts_ms, run.worked_ms = number, None if first else run.starts_ms, None
                if takes_ms and step.takes is not None and step.takes.drawn:
                    self._note_drawn(f"{step.id}.takes", -takes_ms)
                self._leave_out(step, hand.task.done_ms)
                for note_others in self._moved.values():
                    note_others()
                return
            failed = "the attempt failed" if fails else result
            if not failed and run.acted_ms is None:
                run.acted_ms = hand.effective_ms
            if failed:
                self._failed(step, failed)
            elif step.verify:
                self._verify(step, role, number + 1)
            else:
                self._finish(step, hand.effective_ms)

        self._follow(accepted, then)

    def _give(
        self,
        step: PlanStep,
        text: str,
        request: StepRequest,
        takes_ms: int,
        draws: int,
        unless: tuple[str, ...] = (),
    ) -> Accepted | None:
        """Have the person carry out the step, unless such a milestone is known by the time they start; None
        if it is refused, and so has failed.
        """
        now_ms, run = self._session.now_ms, self.steps[step.id]
        asked = (
            self._call_outs.ask(request, now_ms)
            if takes_ms
            else PersonAsked(self._call_outs.first(request, now_ms), now_ms)
        )
        run.held_by = run.held_by or asked.held_by
        approver, answers_ms = self._approver(request, text, asked.starts_ms + takes_ms)
        person = asked.desk.person.id
        to = Assignment(request.role, asked.starts_ms, takes_ms, answers_ms, draws, approver, person, unless)
        given = self._session.assign(text, to)
        if isinstance(given, Accepted):
            return given
        self._failed(step, given.reason)
        return None

    def _follow(self, accepted: Accepted, then: Callable[[str], None]) -> None:
        self._under_way[accepted.number] = then

    def _verify(self, step: PlanStep, role: str, attempt: int) -> None:
        self.steps[step.id].state = "verifying"
        command = parse(step.verify)
        self._checks[step.id, attempt] += 1
        draws = command_key(step.id, attempt, self._checks[step.id, attempt])
        takes_ms = command.hands_on_ms(self._drill)
        accepted = self._give(step, step.verify, StepRequest(step.id, role, _VERIFYING), takes_ms, draws)
        if accepted is None:
            return

        def then(result: str) -> None:
            if not result and command.found(self._drill, Turn(accepted.by, draws)):
                self._finish(step, self._drill.work.numbered(accepted.number).effective_ms)
            else:
                self.steps[step.id].reason = result or f"`{step.verify}` does not confirm it yet"
                again_ms = self._session.now_ms + step.verify_every_ms
                self._later(again_ms, lambda: self._verify(step, role, attempt))

        self._follow(accepted, then)

    def _finish(self, step: PlanStep, done_ms: int) -> None:
        """Record that the step is done, and with it each step that it replaced."""
        ids = [step.id]
        for id_ in ids:
            run = self.steps[id_]
            run.state, run.reason = "done", ""
            run.done_ms = done_ms if run.done_ms is None else run.done_ms
            ids += [one.id for one in self.steps.values() if one.instead == id_ and one.state != "done"]

    def _failed(self, step: PlanStep, reason: str) -> None:
        run, reaction, now_ms = self.steps[step.id], step.on_failure, self._session.now_ms
        run.reason = reason
        if reaction is not None and reaction.again is not None and run.tries <= reaction.again:
            self._later(now_ms + reaction.after_ms, lambda: self._again(step))
            return
        run.state = "failed"
        if reaction is not None and reaction.do is not None:
            run.instead = reaction.do
            other = self._by_id[reaction.do]
            if self.steps[other.id].state == "waiting":
                due_ms = now_ms + reaction.after_ms
                self._later(due_ms, lambda: self._begin(other, due_ms, f"{step.id} failed"))
            elif self.steps[other.id].state == "done":
                self._finish(step, now_ms)

    # People

    def _takes(self, step: PlanStep, command: Command | None, number: int) -> int:
        if step.prepared:
            return 0
        if step.takes is None:
            assert command is not None
            return command.hands_on_ms(self._drill)
        return self._draw(step.id, "takes", step.takes, number)

    def _draw(self, key: str, purpose: str, spread: Spread, number: int) -> int:
        length_ms = self._chance.duration(key, purpose, spread, number)
        if spread.drawn:
            self._note_drawn(f"{key}.{purpose}", length_ms)
        return length_ms

    def _note_drawn(self, name: str, length_ms: int) -> None:
        self.drawn[name] = self.drawn.get(name, 0) + length_ms
        if length_ms < 0 and not self.drawn[name]:
            del self.drawn[name]  # the person did not begin, so it did not take that time

    def _approver(self, request: StepRequest, text: str, asked_ms: int) -> tuple[str, int | None]:
        """The approver of a request made at that time, and the time until they start on it; None if the step
        is not a request, or if the plan does not set this time.
        """
        role = parse(text).answered_by
        if not self._call_outs.sets_times_of(role):
            return "", None
        asked = self._call_outs.ask(StepRequest(request.step, role, request.number, "approver "), asked_ms)
        waits = asked.held_by == "answers"
        return asked.desk.person.id, asked.starts_ms - asked_ms if waits else 0


def _name(moment: Moment) -> str:
    return moment.milestone if isinstance(moment, Since) else ""
