"""Mail that the organisation's own users write: to the outside, and to each other.

With the mail server up it leaves at once. In a continuity event it goes from the app through the
gateway: outbound to the internet, internal into the gateway's *inbound* queue. Otherwise it waits
in the user's Outbox (custody `at_sender`) until the client has reconnected to the server.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.kernel.draws import I64, below, mix, within
from sim.kernel.growing import Columns
from sim.mail.rows import NEVER_MS
from sim.mail.traffic import EMPTY, Messages
from sim.mail.users import Users

BLOCK = 1 << 18

RECONNECT_MS = 5 * 60_000
"""A cached client finds its server again within this time (assumed)."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What users sent in a stretch: gone at once, into the gateway's queue, or into an Outbox."""

    at_once: Messages
    queued: Messages
    outbox: Messages


def senders(seed: int, ids: I64, users: int) -> I64:
    """The user who wrote each message."""
    return below(mix(seed, "sender", ids), users)


def recipients(seed: int, ids: I64, users: int) -> NDArray[np.int32]:
    """The user to whom each inbound or internal message goes."""
    return below(mix(seed, "recipient", ids), users).astype(np.int32)


def post(seed: int, mail: Messages, users: Users, internal: bool) -> Posted:
    """Where `mail` of one direction goes, as things stand with its writers; pure."""
    if not users.anyone_lost and not users.events:
        return Posted(mail, EMPTY, EMPTY)
    writer = senders(seed, mail.id, users.count)
    in_event = users.in_continuity(writer, mail.arrival_ms)
    through_app = in_event & internal
    at_once = ~through_app & (in_event | ~users.lost[writer])
    stays = ~through_app & ~at_once
    return Posted(*(Messages(mail.id[mask], mail.arrival_ms[mask]) for mask in (at_once, through_app, stays)))


class Outbox:
    """Messages of one direction in their writers' Outboxes.

    Once the server is back, each leaves when its writer's client reconnects.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._unsent = Columns({"id": np.int64, "arrival_ms": np.int64})
        self._leaving, self._due_ms, self._sent = EMPTY, EMPTY.arrival_ms, 0
        """After the server's return: everything unsent by due time, of which the first `_sent` have left."""

    def __len__(self) -> int:
        return len(self._unsent) + len(self._leaving) - self._sent

    def put(self, mail: Messages) -> None:
        """`mail` cannot be sent while the server is down."""
        self._unsent.append([mail.id, mail.arrival_ms])

    def reach(self, now_ms: int, lost: NDArray[np.bool_]) -> None:
        """From now on the programs of the users in `lost` do not find the server, all others do."""
        ids, arrival_ms = self._unsent["id"], self._unsent["arrival_ms"]
        stuck = np.empty(len(ids), dtype=np.bool_)
        due_ms = np.empty(len(ids), dtype=np.int64)
        for first in range(0, len(ids), BLOCK):  # in blocks: draws need several times the room of their keys
            some = slice(first, first + BLOCK)
            due_ms[some] = now_ms + within(mix(self._seed, "reconnect", ids[some]), RECONNECT_MS)
            stuck[some] = lost[senders(self._seed, ids[some], len(lost))]
        leaving = (self._leaving.id[self._sent :], self._leaving.arrival_ms[self._sent :])
        cut = lost[senders(self._seed, leaving[0], len(lost))]
        self._unsent = Columns({"id": np.int64, "arrival_ms": np.int64})
        self._unsent.append([ids[stuck], arrival_ms[stuck]])
        self._unsent.append([leaving[0][cut], leaving[1][cut]])
        ids = np.concatenate([ids[~stuck], leaving[0][~cut]])
        arrival_ms = np.concatenate([arrival_ms[~stuck], leaving[1][~cut]])
        due_ms = np.concatenate([due_ms[~stuck], self._due_ms[self._sent :][~cut]])
        order = np.argsort(due_ms, kind="stable")
        self._leaving, self._sent = Messages(ids[order], arrival_ms[order]), 0
        self._due_ms = due_ms[order]

    def leave(self, to_ms: int) -> tuple[Messages, I64]:
        """What is sent before `to_ms`, and when, by that time."""
        some = slice(self._sent, int(np.searchsorted(self._due_ms, to_ms)))
        self._sent = some.stop
        return Messages(self._leaving.id[some], self._leaving.arrival_ms[some]), self._due_ms[some]

    def due(self, a_ms: int, b_ms: int) -> tuple[Messages, I64]:
        """What is sent in [a, b) if nothing changes, and when, by that time."""
        some = slice(*np.searchsorted(self._due_ms, (a_ms, b_ms)).tolist())
        return Messages(self._leaving.id[some], self._leaving.arrival_ms[some]), self._due_ms[some]

    def live(self) -> tuple[Messages, I64]:
        """What has not been sent, by id, and when each will be (NEVER_MS while the server is down)."""
        ids = np.concatenate([self._unsent["id"], self._leaving.id[self._sent :]])
        arrival_ms = np.concatenate([self._unsent["arrival_ms"], self._leaving.arrival_ms[self._sent :]])
        never_ms = np.full(len(self._unsent), NEVER_MS, dtype=np.int64)
        due_ms = np.concatenate([never_ms, self._due_ms[self._sent :]])
        order = np.argsort(ids)
        return Messages(ids[order], arrival_ms[order]), due_ms[order]
