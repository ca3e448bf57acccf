"""The language of commands in one drill: the grammar, explained with the drill's house rules."""

from dataclasses import dataclass

from sim.drill.commands import command_help, grammar
from sim.drill.commands.command import Command
from sim.drill.commands.registry import COMMANDS
from sim.drill.organisation.house_rules import HouseRules
from sim.drill.organisation.organisation import Organisation


@dataclass(frozen=True, slots=True)
class DrillLanguage:
    """A `Language` whose help has the minutes of `rules`."""

    rules: HouseRules
    organisation: Organisation | None = None
    """The drill's organisation; commands that it can never use are not listed. None: all commands are
    listed.
    """

    @property
    def COMMANDS(self) -> tuple[type[Command], ...]:  # noqa: N802 - the name in `Language`
        here = self.organisation
        if here is None:
            return COMMANDS
        return tuple(kind for kind in COMMANDS if kind.not_here(here, self.rules) is None)

    def parse(self, text: str) -> Command:
        return grammar.parse(text)

    def format_command(self, command: Command) -> str:
        return grammar.format_command(command)

    def complete(self, text: str) -> list[str]:
        return [line for line in command_help.complete(text) if self._possible(line)]

    def _possible(self, line: str) -> bool:
        """True if `line` begins a command that the organisation can use."""
        given = tuple(line.split())
        return any(given[: len(kind.words)] == kind.words[: len(given)] for kind in self.COMMANDS)

    def explain(self, kind: type[Command]) -> str:
        return command_help.explain(kind, self.rules)
