"""Real mail in a drill: the users and organisations that stand for its addresses, its events, its delay
notices.
"""

from collections.abc import Callable

import numpy as np

from sim.drill.services.real_mail import Letter, Letters
from sim.drill.services.wire import WhoIsWho
from sim.kernel.duration import MINUTE_MS
from sim.mail.gateway.outbound_queue import notified
from sim.mail.message.real_arrivals import Way
from sim.mail.message.rows import DELIVERED, Gone
from sim.mail.world import World

LOOKS_EVERY_MS = 15 * MINUTE_MS
"""Delay notices are sent at multiples of this interval, as for simulated mail (`delay_callers`)."""

Say = Callable[[str, str, str, int | None], None]
"""Function that records an event: source, text, reference, time (None: now)."""

_TAKEN = {
    "gateway": "accepted by the mail server",
    "backup": "accepted by the mail server",
    "smart host": "passed on to the internet",
    "direct": "",
}


class PostOffice:
    """Real mail of one drill. The post office also watches for outbound messages that are late."""

    def __init__(
        self,
        world: World,
        letters: Letters,
        who: Callable[[], WhoIsWho],
        notice_after_ms: int | None,
        server: str,
        say: Say,
    ) -> None:
        """`notice_after_ms`: age of an outbound message at which its sender is notified; None: never.

        `server`: everyday name of the mail server.
        """
        self._world, self._letters, self._who = world, letters, who
        self._notice_after_ms, self._say = notice_after_ms, say
        self._looked_ms = -1
        self._hosts: dict[Way, str] = {
            "gateway": "gateway",
            "smart host": "gateway",
            "backup": "backup MX",
            "direct": server,
        }
        world.real.departures.says = self._left

    def receive(self, letter: Letter) -> int:
        """Enter a real message that arrives now at `letter.way`; returns its identity."""
        who, outbound = self._who(), letter.way == "smart host"
        first = letter.recipients[0]
        whom = who.sender(first) if outbound else who.user(first)
        identity = self._world.receive(len(self._letters.all), letter.size, letter.way, whom)
        self._letters.add(letter, identity)
        beside = {"smart host": ", outbound", "direct": ", past the gateway"}.get(letter.way, "")
        told = f"{_subject(letter)}: accepted from {letter.envelope_from or '<>'}{beside}"
        self._say(self._hosts[letter.way], told, str(identity), None)
        return identity

    def _left(self, way: Way, out: Gone) -> None:
        """Called when one message has left the queue of `way`."""
        world = self._world
        queues = {"gateway": world.queue, "backup": world.relay, "smart host": world.writers.outgoing.queue}
        effect = self._letters.left(way, out, queues[way].last_reply if way in queues else "")
        letter, t_ms = self._letters.of(int(out.id[0])), int(out.time_ms[0])
        subject = _subject(letter)
        if effect is None:
            told = "lost; mail with a null sender never bounces"
        elif int(out.kind[0]) == DELIVERED:
            told = _TAKEN[way]
        else:
            told = "returned to its sender"
        if told:
            ref = str(effect.n) if effect is not None else str(int(out.id[0]))
            self._say(self._hosts[way], f"{subject}: {told}", ref, t_ms)

    # Delay notices

    def first_crossing(self, a_ms: int, b_ms: int) -> int | None:
        """The next time in [a, b) at which notices are sent, while an outbound message may need one."""
        if self._notice_after_ms is None or not self._letters.queued:
            return None
        look_ms = -(-max(a_ms, self._looked_ms + 1) // LOOKS_EVERY_MS) * LOOKS_EVERY_MS
        return look_ms if look_ms < b_ms else None

    def cross(self, moment_ms: int) -> None:
        """Send the notices that are due."""
        self._looked_ms = moment_ms
        queue, letters = self._world.writers.outgoing, self._letters
        rows = queue.live()
        late = notified(rows, self._notice_after_ms)
        late &= np.isin(rows.id, np.array(sorted(letters.queued), dtype=np.int64))
        give_up_ms = queue.queue.slots.give_ups_ms(rows.arrival_ms)
        for row in np.flatnonzero(late).tolist():
            effect = letters.is_late(
                int(rows.id[row]),
                moment_ms,
                int(rows.arrival_ms[row]),
                int(rows.tried_ms[row]),
                queue.queue.last_reply,
                int(give_up_ms[row]),
            )
            letter = letters.of(effect.message)
            subject = _subject(letter)
            self._say("gateway", f"{subject}: delay notice to its sender", str(effect.n), None)


def _subject(letter: Letter | None) -> str:
    """The subject of a message, as events show it."""
    return (letter.subject if letter else "") or "(no subject)"
