"""The language of commands in one drill: the grammar, explained with the drill's house rules."""

from dataclasses import dataclass

from sim.drill.commands import grammar
from sim.drill.commands.command import Command
from sim.drill.commands.registry import COMMANDS
from sim.drill.organisation.house_rules import HouseRules


@dataclass(frozen=True, slots=True)
class DrillLanguage:
    """A `Language` whose help has the minutes of `rules`."""

    rules: HouseRules

    @property
    def COMMANDS(self) -> tuple[type[Command], ...]:  # noqa: N802 - the name in `Language`
        return COMMANDS

    def parse(self, text: str) -> Command:
        return grammar.parse(text)

    def format_command(self, command: Command) -> str:
        return grammar.format_command(command)

    def complete(self, text: str) -> list[str]:
        return grammar.complete(text)

    def explain(self, kind: type[Command]) -> str:
        return grammar.explain(kind, self.rules)
