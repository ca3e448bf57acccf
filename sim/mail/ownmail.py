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
from sim.mail.rows import DELIVERED, NEVER_MS, Gone
from sim.mail.traffic import EMPTY, Messages
from sim.mail.users import Users

RECONNECT_MS = 5 * 60_000
"""A cached client finds its server again within this time (assumed)."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What users sent in a stretch: gone at once, into the gateway's queue, or into an Outbox."""

    gone: Gone
    queued: Messages
    outbox: Messages


def senders(seed: int, ids: I64, users: int) -> I64:
    """The user who wrote each message."""
    return below(mix(seed, "sender", ids), users)


def recipients(seed: int, ids: I64, users: int) -> NDArray[np.int32]:
    """The user to whom each inbound or internal message goes."""
    return below(mix(seed, "recipient", ids), users).astype(np.int32)


def post(seed: int, mail: Messages, users: Users, server_answers: bool, internal: bool) -> Posted:
    """Where `mail` of one direction goes while the server answers, or does not; pure."""
    in_event = users.in_continuity(senders(seed, mail.id, users.count), mail.arrival_ms)
    through_app = in_event & internal
    at_once = ~through_app & (in_event | server_answers)
    stays = ~through_app & ~at_once
    sent = _some(mail, at_once)
    return Posted(_gone_at(sent, sent.arrival_ms), _some(mail, through_app), _some(mail, stays))


def _some(mail: Messages, mask: NDArray[np.bool_]) -> Messages:
    return Messages(mail.id[mask], mail.arrival_ms[mask])


def _gone_at(mail: Messages, time_ms: I64) -> Gone:
    """`mail`, each delivered at `time_ms` with its only attempt."""
    count = len(mail)
    return Gone(
        time_ms,
        np.full(count, DELIVERED, dtype=np.int8),
        mail.id,
        mail.arrival_ms,
        np.zeros(count, dtype=np.int32),
        np.ones(count, dtype=np.int32),
        np.full(count, NEVER_MS, dtype=np.int64),
        np.full(count, NEVER_MS, dtype=np.int64),
    )


class Outbox:
    """Messages in their writers' Outboxes; after the server's return each leaves as its client reconnects."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._unsent = Columns({"id": np.int64, "arrival_ms": np.int64})
        self._leaving, self._due_ms, self._sent = EMPTY, EMPTY.arrival_ms, 0
        """After the server's return: everything unsent by due time, of which the first `_sent` have left."""

    def put(self, mail: Messages) -> None:
        """`mail` cannot be sent while the server is down."""
        self._unsent.append([mail.id, mail.arrival_ms])

    def server_back(self, now_ms: int) -> None:
        mail = Messages(self._unsent["id"].copy(), self._unsent["arrival_ms"].copy())
        due_ms = now_ms + within(mix(self._seed, "reconnect", mail.id), RECONNECT_MS)
        order = np.argsort(due_ms, kind="stable")
        self._unsent.cut(0)
        self._leaving, self._due_ms, self._sent = (
            Messages(mail.id[order], mail.arrival_ms[order]),
            due_ms[order],
            0,
        )

    def server_lost(self) -> None:
        self.put(Messages(self._leaving.id[self._sent :], self._leaving.arrival_ms[self._sent :]))
        self._leaving, self._due_ms, self._sent = EMPTY, EMPTY.arrival_ms, 0

    def leave(self, to_ms: int) -> Gone:
        """What is sent before `to_ms`."""
        some = slice(self._sent, int(np.searchsorted(self._due_ms, to_ms)))
        self._sent = some.stop
        return _gone_at(Messages(self._leaving.id[some], self._leaving.arrival_ms[some]), self._due_ms[some])

    def ids(self) -> I64:
        """What has not been sent, in no particular order."""
        return np.concatenate([self._unsent["id"], self._leaving.id[self._sent :]])

    def live(self) -> tuple[Messages, I64]:
        """What has not been sent, by id, and when each will be (NEVER_MS while the server is down)."""
        ids = self.ids()
        arrival_ms = np.concatenate([self._unsent["arrival_ms"], self._leaving.arrival_ms[self._sent :]])
        never_ms = np.full(len(self._unsent), NEVER_MS, dtype=np.int64)
        due_ms = np.concatenate([never_ms, self._due_ms[self._sent :]])
        order = np.argsort(ids)
        return Messages(ids[order], arrival_ms[order]), due_ms[order]
