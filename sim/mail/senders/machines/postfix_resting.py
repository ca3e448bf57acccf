"""Messages so old that all of them wait equally long after each scan, and move on together."""

from bisect import insort
from dataclasses import dataclass, field

from sim.mail.senders.machines.message_state import QueuedMessage


@dataclass(slots=True)
class Resting:
    """`ids`: ascending. `passes`: the number of deferrals of all of them; a message's own count excludes
    the passes before it joined. `oldest_ms`: none arrived earlier.
    """

    ids: list[int] = field(default_factory=list)
    passes: int = 0
    oldest_ms: int = 0

    def copied(self) -> "Resting":
        """A copy, to be changed independently."""
        return Resting(self.ids.copy(), self.passes, self.oldest_ms)

    def join(self, mail: QueuedMessage) -> None:
        """One more; its sender has reported that it is changing."""
        self.oldest_ms = min(self.oldest_ms, mail.arrival_ms) if self.ids else mail.arrival_ms
        mail.put_off -= self.passes
        insort(self.ids, mail.id)

    def pass_by(self, but: list[QueuedMessage]) -> None:
        """All are deferred once more, except some that their sender has reported as changing."""
        self.passes += 1
        for mail in but:
            mail.put_off -= 1
