"""The command that cancels a command that has not been started."""

from typing import ClassVar

from sim.drill.commands.command import Command, arg
from sim.drill.commands.command_facts import Facts, InYourProduct
from sim.drill.drill import Drill
from sim.drill.room.work_given import CANCELLED, CommandInHand, Turn
from sim.kernel.frozen import frozen


@frozen
class Cancel(Command):
    """Cancel a command that has not been started: the latest one, or the one that you name."""

    command: str = arg("text", "the first words of the command; without them, the latest one", default="")

    words: ClassVar = ("cancel",)
    facts: ClassVar = Facts(
        role="incident-lead",
        where="incident room",
        anyone=True,
        undo="give it again",
        product=InYourProduct(
            path="tell the colleague",
            who="anyone in the room",
            how_long="a moment",
            simplified="the colleague knows at once; a command that has been started cannot be cancelled",
        ),
    )

    def _meant(self, drill: Drill) -> CommandInHand | None:
        return drill.work.last(self.command, drill.now_ms)

    def refusal(self, drill: Drill) -> str | None:
        one = self._meant(drill)
        if one is None and self.command:
            return f"no command that begins with `{self.command[:40]}` is waiting for its person"
        if one is None:
            return "no command is waiting for its person; all commands given have taken effect"
        if drill.now_ms < one.task.starts_ms:
            return None
        name, task = one.desk.person.name, one.task
        if task.done_ms <= drill.now_ms:
            done = f"{name} has finished `{one.text}`, which takes effect later"
            return f"{done}; only a command that has not begun can be cancelled"
        began = f"{name} has begun `{one.text}` ({drill.clock(task.starts_ms)})"
        return f"{began}; only a command that has not begun can be cancelled"

    def act(self, drill: Drill, turn: Turn) -> str:
        one = self._meant(drill)
        assert one is not None  # refusal has looked
        drill.work.end(one, drill.now_ms)
        drill.results[one.number] = CANCELLED
        return f"`{one.text}` cancelled before {one.desk.person.name} began it"
