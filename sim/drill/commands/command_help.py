"""Help with commands: completions of a line that is being typed, and the explanation of one command."""

from collections.abc import Sequence
from dataclasses import Field, fields
from typing import Any

from sim.drill.commands.command import Command, TypedLine
from sim.drill.commands.grammar import name_of, usage
from sim.drill.commands.registry import COMMANDS
from sim.drill.organisation.house_rules import HouseRules
from sim.kernel.duration import format_duration, in_words


def complete(text: str, kinds: Sequence[type[TypedLine]] = COMMANDS) -> list[str]:
    """Whole lines of the given kinds that complete `text` by one word, best first."""
    if not text or text[-1].isspace():
        done, begun = text.split(), ""
    else:
        *done, begun = text.split()
    found: list[str] = []
    for command in kinds:
        words = command.words
        if len(done) < len(words):
            if tuple(done) == words[: len(done)] and words[len(done)].startswith(begun):
                found.append(" ".join([*done, words[len(done)]]))
        elif tuple(done[: len(words)]) == words:
            found += [" ".join([*done, option]) for option in _options(command, done[len(words) :], begun)]
    return list(dict.fromkeys(found))


def _options(command: type[TypedLine], given: list[str], begun: str) -> list[str]:
    used = {part.partition("=")[0] for part in given if "=" in part}
    positional = [field for field in fields(command) if not field.metadata["key"]]
    options: list[str] = []
    if len(given) < len(positional):
        options += positional[len(given)].metadata["choices"]
    else:
        for field in fields(command):
            key = field.metadata["key"]
            if key and key not in used:
                offered = field.metadata["choices"] or field.metadata["offers"] or _example(field)
                options += [f"{key}={choice}" for choice in offered]
    return [option for option in options if option.startswith(begun) and option != begun]


def _example(field: "Field[Any]") -> tuple[str, ...]:
    if field.metadata["kind"] == "duration" and isinstance(field.default, int):
        return (format_duration(field.default),)
    return ("",)


def _control(command: type[Command]) -> list[str]:
    """Lines about the approval that the command requires and the opening that it registers; empty for most
    commands.
    """
    facts = command.facts
    told = {
        "Needs": facts.needs_approval
        and f"approval of {facts.needs_approval} (`approve {facts.needs_approval}`)",
        "Register": facts.opens and f"opens {facts.opens}, until it is closed and proven closed",
    }
    return [f"{name}: {text}" for name, text in told.items() if text]


def explain(command: type[Command], rules: HouseRules) -> str:
    """Help on a command: its effect, form, time and exposure, and how it is done in the real product."""
    facts, product = command.facts, command.facts.product
    missing = command.minutes_missing(rules)
    hands_on = "not in this drill" if missing else in_words(command.usual_hands_on_ms(rules))
    lead = in_words(facts.lead_ms) if facts.lead_ms else "at once"
    names = [
        f"{field.metadata['key']}=" if field.metadata["key"] else name_of(field) for field in fields(command)
    ]
    options = [
        f"  {name:<10} {field.metadata['help']}" for name, field in zip(names, fields(command), strict=True)
    ]
    return "\n".join(
        [
            usage(command),
            (command.__doc__ or "").strip(),
            *options,
            f"Given by: {facts.given_by} · where: {facts.given_at}",
            f"Hands-on: {hands_on} · takes effect: {lead} · undo: {facts.undo}",
            f"Exposes: {facts.exposes}",
            *_control(command),
            f"In your product: {product.path}",
            f"  who: {product.who} · how long: {product.how_long}",
            f"  simplified: {product.simplified}",
        ]
    )
