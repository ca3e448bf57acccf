"""The commands of a drill, matched with the steps of a plan by their text."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile

from sim.drill.commands.grammar import format_command, parse
from sim.drill.plan.plan_file import Plan
from sim.drill.plan.plan_step import PlanStep
from sim.drill.session.plan_run import failed_attempt
from sim.study.rehearsal.commands_given import CommandPlayed


def matched(plan: Plan, given: Sequence[CommandPlayed]) -> Mapping[str, list[CommandPlayed]]:
    """The commands given for each step: first those with the step's own text, then those with the same
    words but other options.
    """
    by_id = {step.id: step for step in plan.steps}
    left, found = list(given), dict[str, list[CommandPlayed]]()
    for same in (same_text, _same_words):
        for step in plan.steps:
            attempts = [_attempt(step, one) for one in left if same(step, one.text)]
            if step.id not in found and attempts:
                own = _attempts(attempts, once=_is_repeated_by_fallback(step, by_id))
                found[step.id] = own
                left = [one for one in left if all(one.number != mine.number for mine in own)]
    return found


def _attempt(step: PlanStep, one: CommandPlayed) -> CommandPlayed:
    """The command, marked as failed if it reports that an attempt at the step has failed."""
    if one.text != failed_attempt(step.id):
        return one
    return replace(one, outcome="failed", reason="the attempt failed")


def _is_repeated_by_fallback(step: PlanStep, by_id: Mapping[str, PlanStep]) -> bool:
    """True if the step's fallback gives the same command, in which case a second command belongs to the
    fallback.
    """
    if step.on_failure is None or step.on_failure.do is None or not step.do:
        return False
    return by_id[step.on_failure.do].do == step.do


def _attempts(candidates: list[CommandPlayed], *, once: bool) -> list[CommandPlayed]:
    """The commands up to the first successful one; with `once`, only the first."""
    for number, one in enumerate(candidates, 1):
        if once or one.outcome in ("done", "under way"):
            return candidates[:number]
    return candidates


def same_text(step: PlanStep, text: str) -> bool:
    """True if `text` is the step's own command, or the note of its manual work."""
    if step.manual or text == failed_attempt(step.id):
        return text.startswith(f"note {step.id}:")
    return text == _whole(step.do)


@lru_cache(maxsize=1024)
def _whole(text: str) -> str:
    """The command with every key written out, as a drill records it."""
    return format_command(parse(text))


def _same_words(step: PlanStep, text: str) -> bool:
    return bool(step.do) and not step.do.startswith("note ") and _words(text) == _words(step.do)


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    """A command without its options: `notify users`."""
    return tuple(takewhile(lambda word: "=" not in word, text.split()))
