"""The command with which the facilitator speaks as a person outside the table: a live inject."""

from typing import ClassVar, Literal

from sim.drill.commands.command import arg
from sim.drill.drill import Drill
from sim.drill.facilitation.talk import EVERYONE
from sim.drill.facilitation.word import TableWord
from sim.drill.room.table_record import Seated
from sim.kernel.frozen import frozen

Channel = Literal["call", "sms", "email", "ticket", "post"]
LIVE = "inject"
"""The subject of an event for a live inject."""
CHANNELS: tuple[Channel, ...] = ("call", "sms", "email", "ticket", "post")


@frozen
class Voice(TableWord):
    """Speak as a vendor, an executive, a partner or a user: a live inject."""

    speaker: str = arg("word", "the name or role of the speaker, in quotes if it has spaces", key="as")
    to: str = arg("word", "a seat, a staff role, or all", key="to")
    text: str = arg("text", "the text, in quotes or to the end of the line", key="text")
    by: Channel = arg("choice", "the channel; default: call", choices=CHANNELS, key="by", default="call")
    back_in_ms: int | None = arg(
        "duration",
        "the time until recovery as the speaker states it, right or wrong; later decisions are judged by it",
        key="back",
        default=None,
    )

    words: ClassVar = ("say",)
    givers: ClassVar = "facilitator"

    def refusal(self, drill: Drill, by: Seated) -> str:
        known = [EVERYONE, *drill.table.people, *dict.fromkeys(one.person.role for one in drill.staff.desks)]
        if self.to not in known:
            return f"to={self.to}: neither a taken seat nor a role; write {', '.join(known)}"
        return "" if self.speaker and self.text else "`as` and `text` must not be empty"

    def act(self, drill: Drill, by: Seated) -> str:
        to = "" if self.to == EVERYONE else self.to
        drill.say(self.by, self.speaker, f"to {self.to.replace('-', ' ')}: {self.text}", LIVE, to=to)
        if self.back_in_ms is not None:
            drill.scripted.promise(f"#{len(drill.events) - 1}", drill.now_ms + self.back_in_ms)
        return f"{self.by} from {self.speaker} to {self.to}"
